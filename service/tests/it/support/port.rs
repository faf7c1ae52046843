//! Ports for servers that must find theirs free again when they return.

use std::net::{Ipv4Addr, TcpListener};

use model::random;

/// A port that is free now and that the kernel hands out to nobody.
pub(super) fn port() -> u16 {
    loop {
        let port = 10_000 + u16::from_be_bytes(random::bytes::<2>()) % 22_000;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

//! A link that can be cut: TCP passed on between one client and one server, held up, slowed down or torn apart.

use std::io;
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::time::Duration;

use model::random;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens to the bytes on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Pass,
    /// Nothing arrives, and nobody is told. What was sent arrives when the link is mended, as TCP would send it again.
    Blackhole,
    /// Connections are reset, and new ones too.
    Reset,
    /// Each piece takes so much longer.
    Delay(Duration),
}

/// Text that the server sends and the client gets in another form of the same length.
pub(crate) type Rewrite = Vec<(Vec<u8>, Vec<u8>)>;

/// A listening link; it lasts as long as this process.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) port: u16,
    mode: watch::Sender<Mode>,
}

impl Proxy {
    /// A link to a port of this machine.
    pub(crate) async fn to(target: u16, rewrite: Rewrite) -> io::Result<Proxy> {
        Proxy::at(free_port(), target, rewrite).await
    }

    /// A link to a port of this machine that listens at a port of one's choice.
    pub(crate) async fn at(port: u16, target: u16, rewrite: Rewrite) -> io::Result<Proxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let (mode, watched) = watch::channel(Mode::Pass);
        tokio::spawn(async move {
            loop {
                let Ok((client, _)) = listener.accept().await else { continue };
                tokio::spawn(carry(client, target, watched.clone(), rewrite.clone()));
            }
        });
        Ok(Proxy { port, mode })
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

/// A port of five digits that is free now and that the kernel hands out to nobody.
pub(crate) fn free_port() -> u16 {
    loop {
        let port = 10_000 + u16::from_be_bytes(random::bytes::<2>()) % 22_000;
        if StdListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

async fn carry(client: TcpStream, target: u16, mut mode: watch::Receiver<Mode>, rewrite: Rewrite) {
    // Fails only where the connection is gone already.
    drop((client.set_nodelay(true), client.set_zero_linger()));
    if open(&mut mode).await.is_err() {
        return;
    }
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await else { return };
    drop((server.set_nodelay(true), server.set_zero_linger()));
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let there = pump(client_read, server_write, mode.clone(), Vec::new());
    let back = pump(server_read, client_write, mode.clone(), rewrite);
    // Whichever side ends first ends both: dropped with a zero linger, they are reset.
    tokio::select! {
        _ = there => {}
        _ = back => {}
        _ = mode.wait_for(|mode| *mode == Mode::Reset) => {}
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut mode: watch::Receiver<Mode>,
    rewrite: Rewrite,
) -> io::Result<()> {
    let (mut piece, mut held) = (vec![0; 16 << 10], Vec::new());
    loop {
        let length = from.read(&mut piece).await?;
        open(&mut mode).await?;
        if length == 0 {
            to.write_all(&held).await?;
            return to.shutdown().await;
        }
        held.extend_from_slice(piece.get(..length).unwrap_or_default());
        let ready = rewritten(&mut held, &rewrite);
        to.write_all(&ready).await?;
    }
}

/// Waits until the link lets bytes pass.
async fn open(mode: &mut watch::Receiver<Mode>) -> io::Result<()> {
    let gone = |_| io::Error::from(io::ErrorKind::ConnectionReset);
    let now = *mode.wait_for(|mode| *mode != Mode::Blackhole).await.map_err(gone)?;
    match now {
        Mode::Reset => Err(io::ErrorKind::ConnectionReset.into()),
        Mode::Delay(time) => {
            tokio::time::sleep(time).await;
            Ok(())
        }
        Mode::Pass | Mode::Blackhole => Ok(()),
    }
}

/// Takes out what can be sent on, rewritten. The end is held back where it may be the beginning of what is rewritten.
fn rewritten(held: &mut Vec<u8>, rewrite: &Rewrite) -> Vec<u8> {
    for (text, other) in rewrite {
        let found: Vec<usize> = held
            .windows(text.len())
            .enumerate()
            .filter(|(_, window)| window == text)
            .map(|(at, _)| at)
            .collect();
        for at in found {
            held.splice(at..at + text.len(), other.iter().copied());
        }
    }
    let begins = |text: &[u8], length: usize| {
        length < text.len() && held.ends_with(text.get(..length).unwrap_or_default())
    };
    let longest = |text: &[u8]| (1..text.len()).rev().find(|length| begins(text, *length)).unwrap_or(0);
    let kept = rewrite.iter().map(|(text, _)| longest(text)).max().unwrap_or(0);
    let tail = held.split_off(held.len() - kept);
    std::mem::replace(held, tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_rewritten_wherever_an_answer_is_cut_in_two() {
        let rewrite = vec![(b"$5\r\n16380\r\n".to_vec(), b"$5\r\n26380\r\n".to_vec())];
        let answer = b"*2\r\n$9\r\n127.0.0.1\r\n$5\r\n16380\r\n";
        for cut in 0..answer.len() {
            let (mut held, mut sent) = (Vec::new(), Vec::new());
            for piece in [&answer[..cut], &answer[cut..]] {
                held.extend_from_slice(piece);
                sent.extend(rewritten(&mut held, &rewrite));
            }
            assert_eq!(sent, b"*2\r\n$9\r\n127.0.0.1\r\n$5\r\n26380\r\n", "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn a_link_passes_holds_up_and_resets() {
        let echo = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = echo.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut peer, _)) = echo.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = peer.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        let proxy = Proxy::to(port, Vec::new()).await.unwrap();
        let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port)).await.unwrap();
        let mut answer = [0; 4];
        client.write_all(b"ping").await.unwrap();
        client.read_exact(&mut answer).await.unwrap();
        proxy.set(Mode::Blackhole);
        client.write_all(b"held").await.unwrap();
        let silence = tokio::time::timeout(Duration::from_millis(100), client.read_exact(&mut answer)).await;
        assert!(silence.is_err(), "nothing arrives");
        proxy.set(Mode::Pass);
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"held", "what was sent meanwhile arrives");
        proxy.set(Mode::Reset);
        assert!(client.read_exact(&mut answer).await.is_err());
    }
}

//! Requests byte by byte, for what no HTTP client would send.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::{Answer, content_type};

/// Longer than the service may take for anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connection.
#[derive(Debug)]
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) fn connect(address: SocketAddr) -> Raw {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Raw(stream)
    }

    /// Sends as much as the service takes; one that answers early may stop reading.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> &mut Raw {
        match self.0.write_all(bytes) {
            Err(error) if !matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                panic!("cannot send: {error}")
            }
            _ => self,
        }
    }

    /// Says that nothing more comes, while an answer still may.
    pub(crate) fn end(&mut self) -> &mut Raw {
        drop(self.0.shutdown(Shutdown::Write));
        self
    }

    /// The answer, if one came before the connection was closed.
    pub(crate) fn answer(&mut self) -> Option<Answer> {
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        loop {
            if let Some(answer) = parse(&bytes) {
                return Some(answer);
            }
            match self.0.read(&mut piece) {
                Ok(0) => return None,
                Ok(length) => bytes.extend_from_slice(&piece[..length]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("no answer: {error}"),
            }
        }
    }
}

/// One whole request, and its answer.
pub(crate) fn ask(address: SocketAddr, request: &[u8]) -> Option<Answer> {
    Raw::connect(address).send(request).answer()
}

/// An answer, once it is whole; every one of ours has its length, but for those to HEAD.
fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: HeaderMap = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
        })
        .collect();
    let length = headers.get("content-length").map_or(0, |value| value.to_str().unwrap().parse().unwrap());
    let body = bytes[end + 4..].get(..length)?;
    Some(Answer { status, headers, body: serde_json::from_slice(body).unwrap_or_default() })
}

/// The head of an upload whose body has this many bytes.
pub(crate) fn upload_head(length: usize) -> Vec<u8> {
    let content_type = content_type();
    format!(
        "POST /unscanned-upload/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\n\
         Content-Length: {length}\r\n\r\n"
    )
    .into_bytes()
}

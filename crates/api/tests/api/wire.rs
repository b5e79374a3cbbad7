//! An installation behind a socket: requests go in as bytes, as no library would send them.

use std::{io::Read, net::SocketAddr};

use flate2::read::GzDecoder;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tower::make::Shared;
use waybill_api::Options;

use crate::support::Installation;

/// One.
pub struct Wire {
    pub installation: Installation,
    address: SocketAddr,
}

impl Wire {
    pub async fn new(options: Options) -> Self {
        let installation = Installation::with(options);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(axum::serve(listener, Shared::new(installation.router.clone())).into_future());
        Self {
            installation,
            address,
        }
    }

    /// Sends bytes over a connection of their own; answers status and meta code.
    pub async fn send(&self, bytes: &str) -> (u16, u16) {
        let mut stream = TcpStream::connect(self.address)
            .await
            .expect("a connection");
        let last = bytes.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        stream.write_all(last.as_bytes()).await.expect("open");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an answer");
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
        let (head, body) = answer.split_at(end.expect("a head") + 4);
        let head = String::from_utf8_lossy(head);
        let body = plain(&head, body);
        (number(&head, "HTTP/1.1 "), number(&body, "\"code\":"))
    }
}

/// A body without its chunks and its compression.
fn plain(head: &str, body: &[u8]) -> String {
    let mut body = body.to_vec();
    if head.contains("transfer-encoding: chunked") {
        body = joined(&body);
    }
    if head.contains("content-encoding: gzip") {
        let mut text = String::new();
        GzDecoder::new(body.as_slice())
            .read_to_string(&mut text)
            .expect("gzip");
        return text;
    }
    String::from_utf8(body).expect("text")
}

/// Chunks put together.
fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = chunks.windows(2).position(|window| window == b"\r\n");
        let (size, rest) = chunks.split_at(end.expect("a size"));
        let size = std::str::from_utf8(size).expect("text");
        let size = usize::from_str_radix(size, 16).expect("a size");
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&rest[2..2 + size]);
        chunks = &rest[2 + size + 2..];
    }
}

/// The number that follows a mark.
fn number(text: &str, after: &str) -> u16 {
    let rest = text.split_once(after).map_or("", |(_, rest)| rest);
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_default()
}

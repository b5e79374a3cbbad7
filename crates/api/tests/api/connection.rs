//! A real connection outlives a body that is far too large.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tower::make::Shared;

use crate::support::{Installation, TRACKINGS};

/// Reads one answer with a body of known length.
pub async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]);
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length: Option<usize> = length.and_then(|length| length.parse().ok());
            if length.is_some_and(|length| bytes.len() >= end + 4 + length) {
                return String::from_utf8(bytes).expect("text");
            }
        }
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.expect("an open connection");
        assert_ne!(read, 0, "closed after {} bytes", bytes.len());
        bytes.extend_from_slice(&buffer[..read]);
    }
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_answered_and_the_connection_goes_on() {
    const SIZE: usize = 10 * 1024 * 1024;
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server =
        tokio::spawn(axum::serve(listener, Shared::new(installation.router.clone())).into_future());

    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = |request: &str, key: &str, length: usize| {
        format!(
            "{request} HTTP/1.1\r\nhost: x\r\nas-api-key: {key}\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let post = format!("POST {TRACKINGS}");
    let delete = format!("DELETE {TRACKINGS}/unknown");
    for (request, key, status) in [
        (post.as_str(), shop.key.as_str(), "400"),
        (post.as_str(), "wrong", "401"),
        ("POST /nowhere", "", "404"),
        (delete.as_str(), shop.key.as_str(), "404"),
    ] {
        stream
            .write_all(head(request, key, SIZE).as_bytes())
            .await
            .expect("open");
        stream
            .write_all(&vec![b'x'; SIZE])
            .await
            .expect("all of it is taken");
        let refused = answer(&mut stream).await;
        assert!(
            refused.starts_with(&format!("HTTP/1.1 {status} ")),
            "{request}: {refused}"
        );
        assert!(status != "400" || refused.contains("1048576"), "{refused}");
    }
    stream
        .write_all(head(&format!("GET {TRACKINGS}"), &shop.key, 0).as_bytes())
        .await
        .expect("open");
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200 "));
    server.abort();
}

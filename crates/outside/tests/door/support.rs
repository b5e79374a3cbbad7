//! A plain HTTP/1.1 server on loopback, inside the test, that counts what reaches it.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests: a failure here is a failed test"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use waybill_outside::{Door, Policy, Ports};

/// How the server behaves once it has read a request.
pub enum Behaviour {
    /// Writes these bytes and waits for the next request on the same connection.
    Write(Vec<u8>),
    /// Writes a head without end and then a byte every few milliseconds, for ever.
    Drip,
    /// Reads and never answers.
    Silence,
}

pub struct Server {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
    pub requests: Arc<AtomicUsize>,
    pub last_head: Arc<std::sync::Mutex<String>>,
}

impl Server {
    pub async fn start(behaviour: Behaviour) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Server {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            requests: Arc::default(),
            last_head: Arc::default(),
        };
        let (connections, requests) = (server.connections.clone(), server.requests.clone());
        let last_head = server.last_head.clone();
        let behaviour = Arc::new(behaviour);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (requests, behaviour) = (requests.clone(), behaviour.clone());
                let last_head = last_head.clone();
                tokio::spawn(async move {
                    while let Some(head) = read_head(&mut stream).await {
                        requests.fetch_add(1, Ordering::SeqCst);
                        *last_head.lock().unwrap() = head;
                        if behave(&mut stream, &behaviour).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        server
    }

    pub fn url(&self, path_and_query: &str) -> String {
        format!("http://{}{path_and_query}", self.address)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// A whole answer with this status line, these header lines and this body.
pub fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A door that lets loopback through.
pub fn door() -> Door {
    Door::new(policy(&["127.0.0.0/8", "::1/128"])).unwrap()
}

pub fn policy(networks: &[&str]) -> Policy {
    Policy {
        allow_networks: networks.iter().map(|net| net.parse().unwrap()).collect(),
        ports: Ports::Any,
        user_agent: "waybill-test/1".into(),
    }
}

async fn behave(stream: &mut TcpStream, behaviour: &Behaviour) -> std::io::Result<()> {
    match behaviour {
        Behaviour::Write(bytes) => stream.write_all(bytes).await,
        Behaviour::Silence => std::future::pending().await,
        Behaviour::Drip => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
                .await?;
            let mut beat = tokio::time::interval(Duration::from_millis(5));
            loop {
                beat.tick().await;
                stream.write_all(b".").await?;
            }
        }
    }
}

/// Reads up to the blank line; the tests send no bodies that matter to the server.
async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

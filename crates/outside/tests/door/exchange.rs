//! How an exchange runs: limits of size and time, reuse, headers, errors.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Behaviour, Server, answer, door};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::Method;
use waybill_outside::{Answer, Answerer, Error, Incomplete, Request};

fn get(url: impl Into<String>) -> Request {
    Request::new(Method::GET, url)
}

fn limited(url: String, max_answer_bytes: usize, on_incomplete: Incomplete) -> Request {
    Request {
        max_answer_bytes,
        on_incomplete,
        ..get(url)
    }
}

#[tokio::test]
async fn a_large_body_is_refused_or_cut() {
    let server = Server::start(Behaviour::Write(answer("200 OK", "", &[b'x'; 5000]))).await;
    let refused = door()
        .send(limited(server.url("/"), 4999, Incomplete::Refuse))
        .await;
    assert_eq!(refused, Err(Error::TooLarge(4999)));

    let whole = door()
        .send(limited(server.url("/"), 5000, Incomplete::Refuse))
        .await
        .unwrap();
    assert_eq!((whole.body.len(), whole.incomplete), (5000, None));

    let cut = door()
        .send(limited(server.url("/"), 1024, Incomplete::Truncate))
        .await
        .unwrap();
    assert_eq!(
        (cut.body.len(), cut.incomplete),
        (1024, Some(Error::TooLarge(1024)))
    );
}

#[tokio::test]
async fn a_gzip_bomb_counts_by_what_comes_out_of_it() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..64 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    let bytes = answer("200 OK", "content-encoding: gzip\r\n", &bomb);
    let server = Server::start(Behaviour::Write(bytes)).await;

    let limit = 200_000;
    let refused = door()
        .send(limited(server.url("/"), limit, Incomplete::Refuse))
        .await;
    assert_eq!(refused, Err(Error::TooLarge(limit)));
    let cut = door()
        .send(limited(server.url("/"), limit, Incomplete::Truncate))
        .await
        .unwrap();
    assert_eq!(
        (cut.body.len(), cut.incomplete),
        (limit, Some(Error::TooLarge(limit)))
    );
}

#[tokio::test]
async fn gzip_is_asked_for_and_read() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(b"{\"found\":true}").unwrap();
    let body = encoder.finish().unwrap();
    let bytes = answer("200 OK", "content-encoding: gzip\r\n", &body);
    let server = Server::start(Behaviour::Write(bytes)).await;
    let passed = door().send(get(server.url("/"))).await.unwrap();
    assert_eq!(&passed.body[..], b"{\"found\":true}");
    let head = server.last_head.lock().unwrap().to_lowercase();
    assert!(head.contains("accept-encoding: gzip"), "{head}");
}

#[tokio::test]
async fn the_limit_of_time_covers_silence_and_a_dripping_body() {
    let limit = Duration::from_millis(200);
    for behaviour in [Behaviour::Silence, Behaviour::Drip] {
        let server = Server::start(behaviour).await;
        let request = Request {
            timeout: limit,
            ..get(server.url("/"))
        };
        let refused = door().send(request).await;
        assert_eq!(refused, Err(Error::TimedOut(limit)));
        assert_eq!(server.requests(), 1);
    }
}

#[tokio::test]
async fn connections_are_kept_and_used_again() {
    let server = Server::start(Behaviour::Write(answer("200 OK", "", b"{}"))).await;
    let door = door();
    for _ in 0..5 {
        assert_eq!(door.send(get(server.url("/"))).await.unwrap().status, 200);
    }
    assert_eq!((server.connections(), server.requests()), (1, 5));
}

#[tokio::test]
async fn headers_go_out_as_given_and_own_ones_are_refused() {
    let server = Server::start(Behaviour::Write(answer("200 OK", "", b""))).await;
    let mut request = get(server.url("/hook?x=1"));
    request.method = Method::POST;
    request.headers = vec![
        ("X-Token".into(), "t1".into()),
        ("x-token".into(), "t2".into()),
    ];
    door().send(request.clone()).await.unwrap();
    let head = server.last_head.lock().unwrap().to_lowercase();
    assert!(head.starts_with("post /hook?x=1 http/1.1\r\n"), "{head}");
    assert!(head.contains("x-token: t1\r\nx-token: t2\r\n"), "{head}");
    assert!(head.contains("user-agent: waybill-test/1\r\n"), "{head}");
    assert!(
        !head.contains("cookie") && !head.contains("referer"),
        "{head}"
    );

    for (name, value) in [
        ("Host", "inner.example"),
        ("content-length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("connection", "upgrade"),
        ("x split", "1"),
        ("x-split", "1\r\nhost: inner"),
    ] {
        request.headers = vec![(name.into(), value.into())];
        let refused = door().send(request.clone()).await;
        assert!(
            matches!(refused, Err(Error::BadHeader { .. })),
            "{name}: {refused:?}"
        );
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn what_is_not_http_or_not_tls_is_said_so() {
    let garbage = Server::start(Behaviour::Write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec())).await;
    let refused = door().send(get(garbage.url("/"))).await;
    assert!(matches!(refused, Err(Error::Protocol(_))), "{refused:?}");

    // The TLS client's hello holds no blank line, so answer at the first byte instead.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let plain = answer("400 Bad Request", "", b"this is not the port for TLS");
        tokio::io::AsyncWriteExt::write_all(&mut stream, &plain)
            .await
            .unwrap();
        tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut Vec::new()).await
    });
    let refused = door().send(get(format!("https://{address}/"))).await;
    assert!(matches!(refused, Err(Error::Tls(_))), "{refused:?}");
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let mut bytes = b"HTTP/1.1 200 OK\r\n".to_vec();
    for n in 0..500 {
        bytes.extend_from_slice(format!("x-{n}: 1\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    let server = Server::start(Behaviour::Write(bytes)).await;
    let refused = door().send(get(server.url("/"))).await;
    assert!(matches!(refused, Err(Error::Protocol(_))), "{refused:?}");
}

#[tokio::test]
async fn no_error_and_no_debug_text_tells_a_secret() {
    let refused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", refused.local_addr().unwrap());
    drop(refused);
    let garbage = Server::start(Behaviour::Write(b"nonsense\r\n\r\n".to_vec())).await;
    let silence = Server::start(Behaviour::Silence).await;
    let broken = Server::start(Behaviour::Write(answer(
        "200 OK",
        "content-encoding: gzip\r\n",
        b"no gzip at all",
    )))
    .await;
    let secret = "/pathsecret?key=querysecret";
    let urls = [
        format!("{nobody}{secret}"),
        garbage.url(secret),
        silence.url(secret),
        broken.url(secret),
        format!("http://10.0.0.1{secret}"),
        format!("http://parcels.invalid{secret}"),
        format!("ftp://parcels.invalid{secret}"),
        format!("http://user:querysecret@parcels.invalid{secret}"),
        format!("http://[oops{secret}"),
    ];
    for url in urls {
        let mut request = get(&url);
        request.timeout = Duration::from_millis(500);
        request.headers = vec![("authorization".into(), "headersecret".into())];
        request.body = Some(Bytes::from_static(b"bodysecret"));
        let shown = format!("{request:?}");
        let error = door().send(request).await.unwrap_err();
        let told = format!("{shown} {error} {error:?}");
        assert!(!told.contains("secret"), "{url}: {told}");
    }
}

/// Answers with as many bytes as the host's name says.
struct Bytewise;

impl Answerer for Bytewise {
    fn answer(&self, request: &Request) -> Result<Answer, Error> {
        if request.url.contains("slow") {
            return Err(Error::TimedOut(request.timeout));
        }
        Ok(Answer {
            status: 200,
            headers: vec![],
            body: Bytes::from(request.url.clone()),
            incomplete: None,
            elapsed: Duration::ZERO,
        })
    }
}

#[tokio::test]
async fn a_scheme_is_answered_inside_and_held_to_the_same_size() {
    let door = door().with_answerer("sandbox", Arc::new(Bytewise));
    let url = "sandbox://testing-courier/track?number=ITOD-1-1";
    let passed = door.send(get(url)).await.unwrap();
    assert_eq!(&passed.body[..], url.as_bytes());

    let cut = door
        .send(limited(url.into(), 7, Incomplete::Truncate))
        .await
        .unwrap();
    assert_eq!(
        (&cut.body[..], cut.incomplete),
        (&b"sandbox"[..], Some(Error::TooLarge(7)))
    );
    let refused = door.send(limited(url.into(), 7, Incomplete::Refuse)).await;
    assert_eq!(refused, Err(Error::TooLarge(7)));
    let slow = door.send(get("sandbox://slow/")).await;
    assert_eq!(slow, Err(Error::TimedOut(Request::TIMEOUT)));
    let other = door.send(get("sand://x/")).await;
    assert!(matches!(other, Err(Error::BadUrl(_))));
}

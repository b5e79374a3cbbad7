//! Where a connection may go: addresses, names, ports, schemes, redirects.

use crate::support::{Behaviour, Server, answer, door, policy};
use http::Method;
use waybill_outside::{Door, Error, Ports, Request};

fn get(url: impl Into<String>) -> Request {
    Request::new(Method::GET, url)
}

#[tokio::test]
async fn every_spelling_of_an_inner_address_is_refused_before_connecting() {
    let closed = Door::new(policy(&[])).unwrap();
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.0.1.",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.1",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:1::1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
    ] {
        for scheme in ["http", "https"] {
            let refused = closed.send(get(format!("{scheme}://{host}:9/"))).await;
            assert!(
                matches!(refused, Err(Error::Blocked { .. })),
                "{scheme}://{host}: {refused:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_address_with_a_zone_is_no_url() {
    let refused = door().send(get("http://[fe80::1%25eth0]/")).await;
    assert!(matches!(refused, Err(Error::BadUrl(_))), "{refused:?}");
}

#[tokio::test]
async fn a_name_that_resolves_to_loopback_is_refused_and_nothing_connects() {
    let server = Server::start(Behaviour::Write(answer("200 OK", "", b"inner"))).await;
    let url = format!("http://localhost:{}/", server.address.port());
    let refused = Door::new(policy(&[])).unwrap().send(get(&url)).await;
    let Err(Error::Blocked { address, reason }) = refused else {
        panic!("{refused:?}");
    };
    assert!(address.is_loopback());
    assert_eq!(reason, "loopback");
    assert_eq!(server.connections(), 0);

    let passed = door().send(get(&url)).await.unwrap();
    assert_eq!(&passed.body[..], b"inner");
}

#[tokio::test]
async fn an_allowed_network_passes_by_address() {
    let server = Server::start(Behaviour::Write(answer("200 OK", "x-a: 1\r\n", b"hi"))).await;
    let passed = door().send(get(server.url("/"))).await.unwrap();
    assert_eq!((passed.status, &passed.body[..]), (200, &b"hi"[..]));
    assert!(passed.headers.contains(&("x-a".into(), "1".into())));
    assert_eq!(passed.incomplete, None);

    // A mapped spelling of an allowed address is the same address.
    let mapped = format!("http://[::ffff:127.0.0.1]:{}/", server.address.port());
    let outcome = door().send(get(mapped)).await;
    assert!(
        !matches!(outcome, Err(Error::Blocked { .. })),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_redirect_is_handed_back_unfollowed() {
    let target = Server::start(Behaviour::Write(answer("200 OK", "", b"secret"))).await;
    let location = format!("location: {}\r\n", target.url("/inner"));
    let server = Server::start(Behaviour::Write(answer("302 Found", &location, b""))).await;
    let passed = door().send(get(server.url("/"))).await.unwrap();
    assert_eq!(passed.status, 302);
    assert!(
        passed
            .headers
            .contains(&("location".into(), target.url("/inner")))
    );
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn ports_are_the_doors_rule_and_the_requests() {
    let server = Server::start(Behaviour::Write(answer("200 OK", "", b""))).await;
    let port = server.address.port();
    let narrow = |ports| {
        let mut policy = policy(&["127.0.0.0/8"]);
        policy.ports = ports;
        Door::new(policy).unwrap()
    };

    let refused = narrow(Ports::Only(vec![443]))
        .send(get(server.url("/")))
        .await;
    assert_eq!(refused, Err(Error::Port(port)));
    let plain = narrow(Ports::Only(vec![443]))
        .send(get("http://192.0.2.1/"))
        .await;
    assert_eq!(plain, Err(Error::Port(80)));

    let mut request = get(server.url("/"));
    request.ports = Some(Ports::Only(vec![443]));
    assert_eq!(door().send(request).await, Err(Error::Port(port)));
    let passed = narrow(Ports::Only(vec![port]))
        .send(get(server.url("/")))
        .await;
    assert_eq!(passed.unwrap().status, 200);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn urls_that_no_caller_should_send_are_refused() {
    for url in [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "http://user@example.com/",
        "http://user:word@example.com/",
        "http://:word@example.com/",
        "http://",
        "//example.com/",
        "example.com",
        "",
    ] {
        let refused = door().send(get(url)).await;
        assert!(
            matches!(refused, Err(Error::BadUrl(_))),
            "{url}: {refused:?}"
        );
    }
    let long = format!("http://example.com/{}", "a".repeat(9000));
    assert!(matches!(
        door().send(get(long)).await,
        Err(Error::BadUrl(_))
    ));
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_a_dns_error() {
    // RFC 6761: `invalid` never resolves.
    let refused = door().send(get("http://parcels.invalid/")).await;
    assert!(matches!(refused, Err(Error::Dns(_))), "{refused:?}");
}

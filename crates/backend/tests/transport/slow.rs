//! Clients that send slowly, or too many connections, or nothing at all; and the end of the program
//! while requests are open.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::program::{Identity, Program};

const QUICK: [&str; 10] = [
    "--header-timeout-seconds",
    "1",
    "--body-timeout-seconds",
    "1",
    "--request-timeout-seconds",
    "2",
    "--idle-timeout-seconds",
    "3",
    "--shutdown-grace-seconds",
    "5",
];
/// No test's machine is so slow that a second becomes this.
const PATIENCE: Duration = Duration::from_secs(20);

/// Everything until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes));
    read.await.expect("the connection was not closed").ok();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends a byte of `text` every 100 ms until the other side closes; how long that took.
async fn dribble(stream: &mut TcpStream, text: &[u8]) -> (Duration, String) {
    let started = Instant::now();
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    for byte in text.iter().cycle() {
        assert!(
            started.elapsed() < PATIENCE,
            "the connection was not closed"
        );
        if stream.write_all(&[*byte]).await.is_err() {
            break;
        }
        let read = tokio::time::timeout(Duration::from_millis(100), stream.read(&mut buffer));
        match read.await {
            Ok(Ok(0) | Err(_)) => break,
            Ok(Ok(length)) => answer.extend_from_slice(&buffer[..length]),
            Err(_) => {}
        }
    }
    (
        started.elapsed(),
        String::from_utf8_lossy(&answer).into_owned(),
    )
}

#[tokio::test]
async fn a_header_that_does_not_come_to_an_end_is_cut_off() {
    let program = Program::start(&QUICK).await;
    let connect = || TcpStream::connect(&program.address);
    // Nothing, half a line, half a header, the beginning of HTTP/2, and a line that dribbles.
    for text in [
        "",
        "GET /heal",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ",
        "PRI * HTTP/2.0\r\n\r\nSM\r",
    ] {
        let mut stream = connect().await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let started = Instant::now();
        let answer = rest(&mut stream).await;
        assert!(!answer.contains("200 OK"), "{answer}");
        assert!(started.elapsed() >= Duration::from_millis(800), "{text:?}");
    }
    let mut stream = connect().await.unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        .await
        .unwrap();
    let (took, answer) = dribble(&mut stream, b"X-Slow: a\r\n").await;
    assert!(
        took >= Duration::from_millis(800) && !answer.contains("200 OK"),
        "{answer}"
    );
    // After an answer the next header is waited for as long and not longer.
    let mut stream = connect().await.unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let started = Instant::now();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
    assert!(started.elapsed() >= Duration::from_millis(800));
    // Others are served all the while.
    assert_eq!(
        reqwest::get(format!("http://{}/healthz", program.address))
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn a_body_that_dribbles_is_answered_with_408_and_cut_off() {
    let program = Program::start(&QUICK).await;
    let mut stream = TcpStream::connect(&program.address).await.unwrap();
    let head = format!(
        "PUT /v1/api-key HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n",
        program.token()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let (took, answer) = dribble(&mut stream, b" ").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(
        answer.contains("application/problem+json") && answer.contains("connection: close"),
        "{answer}"
    );
    assert!(took >= Duration::from_millis(800), "{took:?}");
}

#[tokio::test]
async fn a_silent_tls_client_is_cut_off() {
    let identity = Identity::new();
    let program = Program::start_tls(&identity, &QUICK).await;
    for text in [&b""[..], &[22, 3, 1, 2, 0, 1][..]] {
        let mut stream = TcpStream::connect(&program.address).await.unwrap();
        stream.write_all(text).await.unwrap();
        rest(&mut stream).await;
    }
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_and_room_is_given_again() {
    let flags = ["--max-connections", "4", "--header-timeout-seconds", "20"];
    let program = Program::start(&flags).await;
    let ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut open = Vec::new();
    for _ in 0..4 {
        let mut stream = TcpStream::connect(&program.address).await.unwrap();
        stream.write_all(ask).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        open.push(stream);
    }
    let mut fifth = TcpStream::connect(&program.address).await.unwrap();
    fifth.write_all(ask).await.ok();
    assert_eq!(rest(&mut fifth).await, "");
    open.pop();
    let started = Instant::now();
    loop {
        let mut next = TcpStream::connect(&program.address).await.unwrap();
        next.write_all(ask).await.ok();
        let mut answer = [0; 12];
        if next.read_exact(&mut answer).await.is_ok() {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "no room was given again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_open_request_is_answered_after_sigterm_and_no_new_one_is_taken() {
    let mut program = Program::start(&["--shutdown-grace-seconds", "20"]).await;
    let body = r#"{"apiKey":"pelican-key-93f1"}"#;
    let head = format!(
        "PUT /v1/api-key HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        program.token(),
        body.len()
    );
    let mut stream = TcpStream::connect(&program.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body.as_bytes()[..5]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    program.signal("-TERM");
    program.logs("asked to stop", 1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(TcpStream::connect(&program.address).await.is_err());
    stream.write_all(&body.as_bytes()[5..]).await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(program.ended().await.success());
    assert!(program.log().contains("\"stopped\""));
    assert_eq!(program.healthcheck(&[]), Some(1));
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_the_end_up_beyond_the_grace() {
    let flags = [
        "--shutdown-grace-seconds",
        "1",
        "--body-timeout-seconds",
        "25",
    ];
    let mut program = Program::start(&flags).await;
    let mut stream = TcpStream::connect(&program.address).await.unwrap();
    let head = format!(
        "PUT /v1/api-key HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: 9\r\n\r\n",
        program.token()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    program.signal("-TERM");
    let started = Instant::now();
    assert!(program.ended().await.success());
    assert!(
        started.elapsed() < Duration::from_secs(15),
        "{:?}",
        started.elapsed()
    );
}

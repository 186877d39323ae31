//! Versions, certificates, HSTS, and where plain HTTP is refused.

use std::time::Duration;

use backend::transport::tls::CertificateFiles;
use backend::transport::{self, ConnectionLimits, HSTS, Protection, TransportError};
use reqwest::tls::{TlsInfo, Version};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::program::{Identity, Program, at, refused};

fn client(identity: &Identity) -> reqwest::ClientBuilder {
    let certificate = reqwest::Certificate::from_pem(identity.certificate.as_bytes()).unwrap();
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([certificate])
        .tls_info(true)
        .timeout(Duration::from_secs(20))
}

fn shown(response: &reqwest::Response) -> Vec<u8> {
    let info = response.extensions().get::<TlsInfo>().unwrap();
    info.peer_certificate().unwrap().to_vec()
}

#[tokio::test]
async fn p06_tls_1_2_and_1_3_are_spoken_and_nothing_older() {
    let identity = Identity::new();
    let program = Program::start_tls(&identity, &[]).await;
    let url = format!("https://localhost:{}/healthz", program.port());
    for version in [Version::TLS_1_2, Version::TLS_1_3] {
        let pinned = client(&identity)
            .tls_version_min(version)
            .tls_version_max(version);
        let response = pinned.build().unwrap().get(&url).send().await.unwrap();
        assert_eq!(response.status(), 200, "{version:?}");
    }
    // A ClientHello that offers no more than this version: 3.1 is TLS 1.0, and so on.
    for (minor, expected) in [(1, Err(70)), (2, Err(70)), (3, Ok(()))] {
        assert_eq!(
            hello(&program, minor).await,
            expected,
            "TLS 1.{}",
            minor - 1
        );
    }
    // HTTP/2 where the client has it, HTTP/1.1 where not.
    let response = client(&identity).build().unwrap().get(&url).send().await;
    assert_eq!(response.unwrap().version(), reqwest::Version::HTTP_2);
    let old = client(&identity).http1_only().build().unwrap();
    let response = old.get(&url).send().await.unwrap();
    assert_eq!(response.version(), reqwest::Version::HTTP_11);
    // Plain HTTP on the same port gets no answer of ours.
    let plain = reqwest::Client::builder().no_proxy().build().unwrap();
    let plain = plain
        .get(format!("http://{}/healthz", program.address))
        .send()
        .await;
    assert!(plain.is_err());
    assert_eq!(program.healthcheck(&tls_flags(&program)), Some(0));
}

fn tls_flags(program: &Program) -> Vec<&str> {
    let leak = |name: &str| -> &'static str {
        Box::leak(
            at(&program.directory, name)
                .display()
                .to_string()
                .into_boxed_str(),
        )
    };
    vec![
        "--tls-certificate",
        leak("chain.pem"),
        "--tls-key",
        leak("key.pem"),
        "--public-url",
        "https://localhost",
    ]
}

/// Sends a ClientHello of an old form: `Ok` for a ServerHello, else the alert's number (RFC 8446, 6).
async fn hello(program: &Program, minor: u8) -> Result<(), u8> {
    let mut extensions = vec![0, 0, 0, 14, 0, 12, 0, 0, 9];
    extensions.extend(b"localhost");
    extensions.extend([0, 10, 0, 6, 0, 4, 0, 29, 0, 23]); // x25519, secp256r1
    extensions.extend([0, 11, 0, 2, 1, 0]); // uncompressed points
    extensions.extend([0, 13, 0, 6, 0, 4, 4, 3, 8, 4]); // ECDSA P-256, RSA-PSS
    extensions.extend([0, 23, 0, 0]); // extended master secret
    let mut body = vec![3, minor];
    body.extend([7; 32]);
    body.push(0);
    // ECDHE with AES-GCM for TLS 1.2, with AES-CBC for what is older.
    body.extend([0, 8, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x09, 0xc0, 0x13]);
    body.extend([1, 0]);
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let mut record = vec![22, 3, 1];
    record.extend((body.len() as u16 + 4).to_be_bytes());
    record.extend([1, 0]);
    record.extend((body.len() as u16).to_be_bytes());
    record.extend(body);
    let mut stream = TcpStream::connect(&program.address).await.unwrap();
    stream.write_all(&record).await.unwrap();
    let mut answer = [0; 7];
    stream.read_exact(&mut answer).await.unwrap();
    match answer {
        [22, ..] => Ok(()),
        [21, _, _, _, _, _, alert] => Err(alert),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn p06_every_tls_answer_has_hsts_of_two_years() {
    let identity = Identity::new();
    let program = Program::start_tls(&identity, &[]).await;
    let client = client(&identity).build().unwrap();
    for (path, status) in [
        ("/healthz", 200),
        ("/.well-known/security.txt", 200),
        ("/v1/site", 401),
        ("/nowhere", 404),
        ("/media/a/b", 403),
    ] {
        let url = format!("https://localhost:{}{path}", program.port());
        let response = client.get(url).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(response.headers()["strict-transport-security"], HSTS);
    }
    let seconds: u32 = HSTS
        .strip_prefix("max-age=")
        .and_then(|rest| rest.split(';').next()?.parse().ok())
        .unwrap();
    assert!(seconds >= 365 * 86_400);
}

#[tokio::test]
async fn p06_sighup_reads_the_certificate_again_and_a_broken_one_is_not_used() {
    let (first, second) = (Identity::new(), Identity::new());
    let program = Program::start_tls(&first, &[]).await;
    let url = format!("https://localhost:{}/healthz", program.port());
    let get = |identity: &Identity| {
        let client = client(identity).build().unwrap();
        let url = url.clone();
        async move { client.get(url).send().await }
    };
    let chain = at(&program.directory, "chain.pem");
    let key = at(&program.directory, "key.pem");
    assert_eq!(shown(&get(&first).await.unwrap()), first.der);

    // Half of a new pair, cut short, and nothing at all.
    let broken = [
        second.certificate.clone(),
        second.certificate[..200].to_owned(),
        String::new(),
    ];
    for (index, text) in broken.iter().enumerate() {
        std::fs::write(&chain, text).unwrap();
        program.signal("-HUP");
        program
            .logs("the new certificate is not used", index + 1)
            .await;
        assert_eq!(shown(&get(&first).await.unwrap()), first.der);
    }
    // A connection that is open stays.
    let open = client(&first).build().unwrap();
    open.get(&url).send().await.unwrap();
    std::fs::write(&chain, &second.certificate).unwrap();
    std::fs::write(&key, &second.key).unwrap();
    program.signal("-HUP");
    program.logs("certificate loaded anew", 1).await;
    assert_eq!(shown(&get(&second).await.unwrap()), second.der);
    assert!(get(&first).await.is_err());
    assert_eq!(open.get(&url).send().await.unwrap().status(), 200);
    assert!(!program.log().contains("PRIVATE"));
}

#[tokio::test]
async fn p06_a_changed_certificate_file_is_taken_without_being_told() {
    let (first, second) = (Identity::new(), Identity::new());
    let directory = tempfile::tempdir().unwrap();
    let files = CertificateFiles {
        certificate: at(&directory, "chain.pem"),
        key: at(&directory, "key.pem"),
    };
    let write = |identity: &Identity| {
        std::fs::write(&files.certificate, &identity.certificate).unwrap();
        std::fs::write(&files.key, &identity.key).unwrap();
    };
    write(&first);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stop = CancellationToken::new();
    let router = axum::Router::new().route("/", axum::routing::get(|| async { "ok" }));
    let limits = ConnectionLimits {
        certificate_check: Duration::from_millis(50),
        ..ConnectionLimits::default()
    };
    let protection = Protection::Tls(files.clone());
    let serving = tokio::spawn({
        let stop = stop.clone();
        async move { transport::serve(listener, router, &protection, limits, stop).await }
    });
    let get = |identity: &Identity| {
        let client = client(identity).build().unwrap();
        async move {
            client
                .get(format!("https://localhost:{port}/"))
                .send()
                .await
        }
    };
    assert_eq!(shown(&get(&first).await.unwrap()), first.der);
    write(&second);
    let mut taken = false;
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(25)).await;
        if get(&second).await.is_ok() {
            taken = true;
            break;
        }
    }
    assert!(taken, "the new certificate was not taken");
    stop.cancel();
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn p06_plain_http_on_other_addresses_is_refused_unless_a_proxy_is_in_front() {
    let (code, log) = refused(&["--listen", "0.0.0.0:0", "--public-url", "https://localhost"]);
    assert_eq!(code, Some(1));
    assert!(
        log.contains("not a loopback address") && log.contains("--behind-proxy"),
        "{log}"
    );

    // The same wall once more, below the settings.
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let limits = ConnectionLimits::default();
    let router = axum::Router::new();
    let served = transport::serve(
        listener,
        router,
        &Protection::Loopback,
        limits,
        CancellationToken::new(),
    );
    assert!(matches!(served.await, Err(TransportError::Unprotected(_))));

    let flags = [
        "--listen",
        "0.0.0.0:0",
        "--behind-proxy",
        "--public-url",
        "https://videos.example.com",
    ];
    let program = Program::start(&flags).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = |path: &str| format!("http://127.0.0.1:{}{path}", program.port());
    let response = http.get(url("/healthz")).send().await.unwrap();
    assert_eq!(response.headers()["strict-transport-security"], HSTS);
    let text = http
        .get(url("/.well-known/security.txt"))
        .send()
        .await
        .unwrap();
    let text = text.text().await.unwrap();
    let canonical = "Canonical: https://videos.example.com/.well-known/security.txt\r\n";
    assert!(text.contains(canonical), "{text}");
    assert_eq!(program.healthcheck(&flags[2..]), Some(0));
}

#[tokio::test]
async fn p02_p06_keys_from_a_server_with_an_unknown_certificate_are_not_used() {
    let identity = Identity::new();
    let program = Program::start_tls(&identity, &[]).await;
    let audiences = fit::Audiences::new(["app".to_owned()]).unwrap();
    let url = format!("https://localhost:{}/healthz", program.port());
    let clock = std::sync::Arc::new(fit::SystemClock);
    let verifier = fit::Verifier::new(url.parse().unwrap(), audiences, clock).unwrap();
    let refused = verifier.refresh().await;
    assert!(
        matches!(refused, Err(fit::FetchError::Transport(_))),
        "{refused:?}"
    );
}

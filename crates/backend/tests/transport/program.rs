//! The program as an operator starts it, with a key server of its own, for one test.

use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::tokens::{AUDIENCE, Signer, claims};

/// Certificate and key of `localhost`, and the certificate's bytes as a client sees them.
pub struct Identity {
    pub certificate: String,
    pub key: String,
    pub der: Vec<u8>,
}

impl Identity {
    pub fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        Self {
            certificate: made.cert.pem(),
            key: made.signing_key.serialize_pem(),
            der: made.cert.der().to_vec(),
        }
    }
}

/// A running program, killed when the test is over.
pub struct Program {
    child: Child,
    pub directory: tempfile::TempDir,
    pub address: String,
    signer: Signer,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn at(directory: &tempfile::TempDir, name: &str) -> PathBuf {
    directory.path().join(name)
}

fn command(directory: &tempfile::TempDir, jwks_url: &str, flags: &[&str]) -> Command {
    let path = |name: &str| at(directory, name).display().to_string();
    let log = std::fs::File::create(at(directory, "log")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_golpo-backend"));
    command
        .args(["serve", "--create-master-key", "--with-worker=false"])
        .args(["--master-key-file", &path("master.key")])
        .args(["--objects", &path("objects")])
        .args(["--database-url", &format!("sqlite://{}", path("golpo.db"))])
        .args(["--jwks-url", jwks_url, "--audience", AUDIENCE])
        .args(flags)
        .stdout(Stdio::null())
        .stderr(log);
    command
}

/// Starts the program with flags that it must refuse: exit code and log.
pub fn refused(flags: &[&str]) -> (Option<i32>, String) {
    let directory = tempfile::tempdir().unwrap();
    let mut command = command(&directory, "http://127.0.0.1:1/", flags);
    let mut child = command.spawn().unwrap();
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if started.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("it was not refused");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let log = std::fs::read_to_string(at(&directory, "log")).unwrap();
    (status, log)
}

impl Program {
    /// Starts it with these flags beside the usual ones.
    pub async fn start(flags: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), flags).await
    }

    /// With TLS and this certificate.
    pub async fn start_tls(identity: &Identity, flags: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (chain, key) = (at(&directory, "chain.pem"), at(&directory, "key.pem"));
        std::fs::write(&chain, &identity.certificate).unwrap();
        std::fs::write(&key, &identity.key).unwrap();
        let (chain, key) = (chain.display().to_string(), key.display().to_string());
        let flags = [flags, &["--tls-certificate", &chain, "--tls-key", &key]].concat();
        let flags = [flags.as_slice(), &["--public-url", "https://localhost"]].concat();
        Self::start_in(directory, &flags).await
    }

    async fn start_in(directory: tempfile::TempDir, flags: &[&str]) -> Self {
        let signer = Signer::new("key-1");
        let jwks = signer.jwks();
        let keys = axum::Router::new().route("/", axum::routing::get(|| async { jwks }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let jwks_url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, keys).await.unwrap() });
        let flags = if flags.contains(&"--listen") {
            flags.to_vec()
        } else {
            [flags, &["--listen", "127.0.0.1:0"]].concat()
        };
        let child = command(&directory, &jwks_url, &flags).spawn().unwrap();
        let mut program = Self {
            child,
            directory,
            address: String::new(),
            signer,
        };
        let started = Instant::now();
        while program.address.is_empty() {
            let log = program.log();
            if let Some(line) = log.lines().find(|line| line.contains("\"serving\"")) {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                program.address = line["address"].as_str().unwrap().to_owned();
            }
            assert!(started.elapsed() < Duration::from_secs(60), "{log}");
            assert!(program.child.try_wait().unwrap().is_none(), "{log}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        program
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(at(&self.directory, "log")).unwrap()
    }

    pub fn port(&self) -> u16 {
        self.address.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    pub fn token(&self) -> String {
        let now = fit::Clock::unix_seconds(&fit::SystemClock);
        self.signer.sign(&claims("site-a", now))
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until the log holds the words so many times.
    pub async fn logs(&self, words: &str, times: usize) {
        let started = Instant::now();
        while self.log().matches(words).count() < times {
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// `healthcheck` with the settings of this program: its exit code.
    pub fn healthcheck(&self, flags: &[&str]) -> Option<i32> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_golpo-backend"));
        command
            .args(["healthcheck", "--listen", &self.address])
            .args(["--audience", AUDIENCE, "--master-key-file"])
            .arg(at(&self.directory, "master.key"))
            .args(flags)
            .stderr(Stdio::null());
        command.status().unwrap().code()
    }
}

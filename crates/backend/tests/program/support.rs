//! The program as a process, with a key server of its own.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder};

use crate::tokens::{AUDIENCE, Signer, claims};

/// A running `golpo-backend serve`. It ends with the test, however that ends.
pub struct Program {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub address: String,
    directory: tempfile::TempDir,
    variables: Vec<(String, String)>,
    signer: Signer,
    http: reqwest::Client,
}

impl Program {
    /// Starts it with further flags and variables, and waits until it serves.
    pub async fn start(flags: &[&str], variables: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name).display().to_string();
        let signer = Signer::new("key-1");
        let jwks = signer.jwks();
        let keys = axum::Router::new().route("/jwks.json", axum::routing::get(|| async { jwks }));
        let jwks_url = format!("{}/jwks.json", listen(keys).await);
        let settings = format!(
            "database_url = \"sqlite://{}\"\nobjects = \"{}\"\nmaster_key_file = \"{}\"\n",
            at("golpo.db"),
            at("objects"),
            at("master.key")
        );
        std::fs::write(at("backend.toml"), settings).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_golpo-backend"))
            .args(["serve", "--listen", "127.0.0.1:0", "--create-master-key"])
            .args(["--config", &at("backend.toml")])
            .args(["--jwks-url", &jwks_url, "--audience", AUDIENCE])
            .args(flags)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(at("log")).unwrap())
            .spawn()
            .unwrap();
        let mut program = Self {
            child,
            address: String::new(),
            directory,
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            signer,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        let line = program.wait_for_line("\"serving\"").await;
        program.address = format!("http://{}", line["address"].as_str().unwrap());
        program
    }

    /// The log's first line with these words.
    pub async fn wait_for_line(&mut self, words: &str) -> serde_json::Value {
        let started = Instant::now();
        loop {
            let text = self.read("log");
            if let Some(line) = text.lines().find(|line| line.contains(words)) {
                return serde_json::from_str(line).unwrap();
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}: {text}");
            assert!(started.elapsed() < Duration::from_secs(30), "{text}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The variables that it was started with.
    #[allow(dead_code)]
    pub fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// A file of its directory.
    pub fn at(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    /// What a file of its directory says.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap()
    }

    /// A site's token, of now.
    pub fn token(&self, site: &str) -> String {
        let now = fit::Clock::unix_seconds(&fit::SystemClock);
        self.signer.sign(&claims(site, now))
    }

    /// A request without a token.
    pub fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, format!("{}{path}", self.address))
    }

    /// A request of a site.
    pub fn of(&self, site: &str, method: &str, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(self.token(site))
    }

    /// Ends it as a supervisor does. It must end well, and have printed nothing.
    pub async fn stop(&mut self) {
        let process = self.child.id().to_string();
        let killed = Command::new("kill").arg(process).status().unwrap();
        assert!(killed.success());
        let stopping = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(stopping.elapsed() < Duration::from_secs(20), "it goes on");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert!(status.success());
        let mut printed = String::new();
        let mut stdout = self.child.stdout.take().unwrap();
        std::io::Read::read_to_string(&mut stdout, &mut printed).unwrap();
        assert_eq!(printed, "");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves on a loopback port; its address.
pub async fn listen(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

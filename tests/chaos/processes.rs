//! The processes of one test, which can be killed and started again.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::place::Place;
use crate::tokens::{AUDIENCE, Signer, claims};
use crate::worker::VARIABLE;

/// What a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The program's HTTP service, the only one at its address.
    Service,
    /// A worker of this number.
    Worker(usize),
}

pub struct Processes<'a> {
    place: &'a Place,
    running: Vec<(Role, Child)>,
    pub address: String,
    port: u16,
    jwks_url: String,
    signer: Signer,
    /// What no file may be longer than, in units of 512 bytes, where there is such a limit.
    pub file_limit: Option<u32>,
}

impl Drop for Processes<'_> {
    fn drop(&mut self) {
        for (_, child) in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl<'a> Processes<'a> {
    /// A service and so many workers; waits until the service answers.
    pub async fn start(place: &'a Place, workers: usize) -> Self {
        let signer = Signer::new("chaos");
        let jwks = signer.jwks();
        let keys = axum::Router::new().route("/jwks.json", axum::routing::get(|| async { jwks }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let jwks_url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, keys).await.unwrap() });
        // Free a moment ago, and the same after each start.
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port();
        let mut processes = Self {
            place,
            running: Vec::new(),
            address: format!("http://127.0.0.1:{port}"),
            port,
            jwks_url,
            signer,
            file_limit: None,
        };
        processes.begin(Role::Service);
        processes.ready().await;
        for number in 0..workers {
            processes.begin(Role::Worker(number));
        }
        processes
    }

    /// Waits until the service answers.
    pub async fn ready(&self) {
        let started = Instant::now();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}/healthz", self.address);
        while http.get(&url).send().await.is_err() {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "{}",
                std::fs::read_to_string(self.place.at("service.log")).unwrap_or_default()
            );
            crate::pause(20).await;
        }
    }

    pub fn roles(&self) -> Vec<Role> {
        self.running.iter().map(|(role, _)| *role).collect()
    }

    pub fn begin(&mut self, role: Role) {
        let child = self.command(role).spawn().unwrap();
        self.running.push((role, child));
    }

    /// `kill -9`; whether it was still alive.
    pub fn kill(&mut self, role: Role) -> bool {
        let index = self.running.iter().position(|(one, _)| *one == role);
        let (_, mut child) = self.running.swap_remove(index.unwrap());
        let alive = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        alive
    }

    /// Starts what ended by itself, and says how many did.
    pub fn revive(&mut self) -> usize {
        let ended: Vec<Role> = self
            .running
            .iter_mut()
            .filter_map(|(role, child)| child.try_wait().unwrap().map(|_| *role))
            .collect();
        for role in &ended {
            self.kill(*role);
            self.begin(*role);
        }
        ended.len()
    }

    /// A token of a site, of now.
    pub fn token(&self, site: &str) -> String {
        let now = fit::Clock::unix_seconds(&fit::SystemClock);
        self.signer.sign(&claims(site, now))
    }

    fn command(&self, role: Role) -> Command {
        // Ends with the test, however that ends.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig=KILL", "--"]);
        if let Some(limit) = self.file_limit {
            // A write over the limit is an error and not the process's end.
            let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$@\"");
            command.args(["sh", "-c", &script, "sh"]);
        }
        let log = match role {
            Role::Service => {
                command
                    .arg(env!("CARGO_BIN_EXE_golpo-backend"))
                    .args(["serve", "--with-worker=false", "--create-master-key"])
                    .args(["--listen", &format!("127.0.0.1:{}", self.port)])
                    .args(["--jwks-url", &self.jwks_url, "--audience", AUDIENCE])
                    .args(["--requests-per-second=100000", "--request-burst=100000"])
                    .args(["--speech-command=none", "--log=warn"])
                    .env("GOLPO_DATABASE_URL", self.place.database_url())
                    .env("GOLPO_MASTER_KEY_FILE", self.place.at("master.key"))
                    .envs(self.place.objects_settings());
                "service.log".to_owned()
            }
            Role::Worker(number) => {
                let mut told = self.place.worker_settings();
                told["clock"] = self.place.at(&format!("clock-{number}")).to_str().into();
                command
                    .arg(std::env::current_exe().unwrap())
                    .args(["--ignored", "--exact", "worker::worker_process"])
                    .arg("--nocapture")
                    .env(VARIABLE, told.to_string());
                format!("worker-{number}.log")
            }
        };
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.place.at(&log))
            .unwrap();
        // A limit of files' lengths would reach the log as well.
        let log = match self.file_limit {
            Some(_) => Stdio::null(),
            None => Stdio::from(log),
        };
        command
            .env("TMPDIR", self.place.directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        command
    }
}

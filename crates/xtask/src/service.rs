//! Programs that run beside this one: started, waited for until they answer, and ended with it.
//! What they print goes to a log file, whose end is shown when one fails.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome, at};
use crate::run::{self, Running};
use crate::terminal::Step;

const POLL: Duration = Duration::from_millis(100);

/// One running service.
pub struct Service {
    name: &'static str,
    log: PathBuf,
    running: Running,
}

impl Service {
    /// Starts a program; what it prints goes to `logs/NAME.log`.
    pub fn start(name: &'static str, mut command: Command, logs: &Path) -> Outcome<Self> {
        std::fs::create_dir_all(logs).map_err(at("make", logs))?;
        let log = logs.join(format!("{name}.log"));
        let file = File::create(&log).map_err(at("write", &log))?;
        let same = file.try_clone().map_err(at("write", &log))?;
        command.stdin(Stdio::null()).stdout(file).stderr(same);
        let running = Running::start(command)?;
        Ok(Self { name, log, running })
    }

    /// Fails when the service has ended by itself.
    pub fn check(&mut self) -> Outcome {
        match self.running.ended() {
            None => Ok(()),
            Some(status) => {
                Err(self.failure(format!("the {} ended by itself ({status})", self.name)))
            }
        }
    }

    /// Where what it prints goes.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// A failure with the end of this service's log.
    pub fn failure(&self, what: String) -> Failure {
        Failure::new(what, "The log says why. Mend that, then try again.").with_log(&self.log)
    }

    /// Waits until `ready` gives something, the service ends, or the time is over.
    pub fn wait<T>(
        &mut self,
        limit: Duration,
        step: &Step<'_>,
        mut ready: impl FnMut() -> Option<T>,
    ) -> Outcome<T> {
        let started = Instant::now();
        loop {
            if run::interrupted() {
                return Err(run::interruption());
            }
            if let Some(value) = ready() {
                return Ok(value);
            }
            self.check()?;
            if started.elapsed() > limit {
                let what = format!(
                    "the {} was not ready within {} s",
                    self.name,
                    limit.as_secs()
                );
                return Err(self.failure(what));
            }
            step.at("starting");
            std::thread::sleep(POLL);
        }
    }
}

/// Whether a GET on this machine answers with success.
pub fn answers(url: &str) -> bool {
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(2)))
        .build()
        .new_agent();
    agent.get(url).call().is_ok()
}

/// A port of this machine that is free now: the wanted one if it can be had, else any.
pub fn free_port(wanted: u16) -> Outcome<u16> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let port = bind(wanted)
        .or_else(|_| bind(0))
        .and_then(|listener| listener.local_addr());
    port.map(|address| address.port()).map_err(|error| {
        Failure::new(
            format!("no port of 127.0.0.1 is free: {error}"),
            "End some programs that listen on this machine, then try again.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::Terminal;

    #[test]
    fn a_port_in_use_is_not_given() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = taken.local_addr().expect("an address").port();
        assert_ne!(free_port(port).expect("another"), port);
        drop(taken);
        assert_eq!(free_port(port).expect("the wanted one"), port);
    }

    #[cfg(unix)]
    #[test]
    fn a_service_that_ends_shows_its_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("sh");
        command.args(["-c", "echo cannot bind >&2; exit 1"]);
        let mut service = Service::start("backend", command, folder.path()).expect("started");
        let terminal = Terminal::new();
        let waited = service.wait(Duration::from_secs(10), &terminal.step("x"), || None::<()>);
        let text = waited.expect_err("ended").to_string();
        assert!(
            text.contains("│ cannot bind") && text.contains("backend.log"),
            "{text}"
        );
    }
}

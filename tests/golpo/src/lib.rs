//! A double of Golpo's API, of which there is no test deployment: it takes orders, makes a video over
//! some looks, gives it out by a presigned address, and keeps account of what it was asked. What goes
//! wrong is said by the test: a refusal, a slow or broken answer, a lie. It listens on loopback only.
//!
//! It checks orders as the documentation says, and notes each that should never have been sent.

mod faults;
mod routes;
mod state;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;

pub use faults::{Call, Fault, Lie};
pub use state::{Behaviour, Counts, Shape, Submission};

use state::State;

/// A running double; it ends when this is dropped.
pub struct Double {
    address: SocketAddr,
    state: Shared,
    task: tokio::task::JoinHandle<()>,
}

type Shared = Arc<Mutex<State>>;

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Double {
    /// Starts a double that behaves like this, on a free port of this machine.
    pub async fn start(behaviour: Behaviour) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state: Shared = Arc::new(Mutex::new(State::new(behaviour, address)));
        let router = routes::router(Arc::clone(&state));
        let task = tokio::spawn(async move {
            // Ends with the test.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            state,
            task,
        })
    }

    /// The API's address, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets the next calls of a kind go wrong, in this order; then all is well again.
    pub fn next(&self, call: Call, faults: impl IntoIterator<Item = Fault>) {
        lock(&self.state)
            .faults
            .entry(call)
            .or_default()
            .extend(faults);
    }

    /// Changes how it behaves from here on.
    pub fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut lock(&self.state).behaviour);
    }

    /// What it was asked so far.
    pub fn counts(&self) -> Counts {
        lock(&self.state).counts.clone()
    }

    /// The orders that it took, in order.
    pub fn submissions(&self) -> Vec<Submission> {
        lock(&self.state)
            .jobs
            .iter()
            .map(|job| job.submission.clone())
            .collect()
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.task.abort();
    }
}

//! Sites that ask for videos and delete some, as the app does: the same request with the same key
//! until it is answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use protocol::VideoId;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::processes::Processes;
use crate::{chance, pause};

pub const SITES: [&str; 4] = ["site-a", "site-b", "site-c", "site-d"];

/// What became of the requests.
#[derive(Debug, Default, Clone)]
pub struct Asked {
    /// The videos that were accepted, by site.
    pub accepted: BTreeMap<VideoId, &'static str>,
    /// Those of them whose deletion was answered.
    pub deleted: BTreeMap<VideoId, &'static str>,
    /// Requests that had to be made again.
    pub again: u64,
}

/// The sites at work.
pub struct Load {
    asked: Arc<Mutex<Asked>>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

/// One site.
struct Site {
    name: &'static str,
    token: String,
    address: String,
    http: Client,
    asked: Arc<Mutex<Asked>>,
}

impl Load {
    /// Each site asks every so many milliseconds.
    pub fn start(processes: &Processes<'_>, every: u64) -> Self {
        let asked = Arc::new(Mutex::new(Asked::default()));
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        for name in SITES {
            let site = Site {
                name,
                token: processes.token(name),
                address: processes.address.clone(),
                http: Client::builder()
                    .no_proxy()
                    .timeout(Duration::from_secs(20))
                    .build()
                    .unwrap(),
                asked: Arc::clone(&asked),
            };
            let stop = stop.clone();
            tasks.spawn(async move {
                while !stop.is_cancelled() {
                    site.once().await;
                    pause(every).await;
                }
            });
        }
        Self { asked, stop, tasks }
    }

    /// How many videos were accepted so far.
    pub fn accepted(&self) -> usize {
        self.asked.lock().unwrap().accepted.len()
    }

    /// Ends when every request is answered.
    pub async fn stop(mut self) -> Asked {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        self.asked.lock().unwrap().clone()
    }
}

impl Site {
    async fn once(&self) {
        let key = uuid::Uuid::new_v4().to_string();
        let id = self.ask(&key).await;
        self.asked
            .lock()
            .unwrap()
            .accepted
            .insert(id.clone(), self.name);
        match chance(10) {
            // The answer was lost on its way, as far as the app knows.
            0 => assert_eq!(self.ask(&key).await, id, "one key, two videos"),
            // The one just asked for, or one that may long be done.
            1 => self.delete(id, chance(100)).await,
            2 => {
                let older = self.older();
                if let Some(id) = older {
                    self.delete(id, 0).await;
                }
            }
            _ => {}
        }
    }

    /// Any of its videos that is not deleted.
    fn older(&self) -> Option<VideoId> {
        let asked = self.asked.lock().unwrap();
        let mine: Vec<&VideoId> = asked
            .accepted
            .iter()
            .filter(|(id, site)| **site == self.name && !asked.deleted.contains_key(*id))
            .map(|(id, _)| id)
            .collect();
        let index = usize::try_from(chance(mine.len().max(1) as u64)).unwrap();
        mine.get(index).map(|id| (*id).clone())
    }

    async fn delete(&self, id: VideoId, after: u64) {
        pause(after).await;
        let path = format!("/v1/videos/{id}");
        self.answered(Method::DELETE, &path, None, &[200, 202, 204, 404])
            .await;
        self.asked.lock().unwrap().deleted.insert(id, self.name);
    }

    async fn ask(&self, key: &str) -> VideoId {
        let body = json!({
            "pageId": "65601",
            "pageVersion": 3,
            "script": {
                "title": "Pelicans",
                "sections": [{ "heading": "South", "text": "They fly to the delta." }],
            },
        });
        let answer = self
            .answered(Method::POST, "/v1/videos", Some((key, &body)), &[202])
            .await;
        answer["id"].as_str().unwrap().parse().unwrap()
    }

    /// Asks until one of these statuses is the answer.
    async fn answered(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, &Value)>,
        statuses: &[u16],
    ) -> Value {
        let mut failed = String::new();
        for _ in 0..600 {
            let url = format!("{}{path}", self.address);
            let mut request = self
                .http
                .request(method.clone(), url)
                .bearer_auth(&self.token);
            if let Some((key, body)) = body {
                request = request.header("idempotency-key", key).json(body);
            }
            match request.send().await {
                Ok(answer) if statuses.contains(&answer.status().as_u16()) => {
                    match answer.text().await {
                        Ok(text) => return serde_json::from_str(&text).unwrap_or_default(),
                        // Killed between the answer's head and its body.
                        Err(error) => failed = error.to_string(),
                    }
                }
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    let text = answer.text().await.unwrap_or_default();
                    // Whatever fails, it is said to be ours and passing.
                    assert!(status >= 500, "{status}: {text}");
                    failed = format!("{status}: {text}");
                }
                Err(error) => failed = error.to_string(),
            }
            self.asked.lock().unwrap().again += 1;
            pause(100).await;
        }
        panic!("{method} {path} was never answered: {failed}");
    }
}

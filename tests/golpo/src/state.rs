//! What the double knows: orders, what became of them, and what it was asked.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::faults::{Call, Fault};

/// How answers look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The object itself.
    Flat,
    /// Within another, as `video` or `data`.
    Wrapped,
}

/// How the double behaves.
#[derive(Clone)]
pub struct Behaviour {
    /// Its answers' shape.
    pub shape: Shape,
    /// How many looks at a job find it unfinished.
    pub looks: u32,
    /// The word with which a job ends.
    pub word: &'static str,
    /// Whether the status of a finished job tells the video's address, or only the video itself does.
    pub status_tells_address: bool,
    /// Whether a submission tells the job's id.
    pub tells_job: bool,
    /// Whether the list tells prompts.
    pub list_tells_prompt: bool,
    /// Whether the list is oldest first.
    pub oldest_first: bool,
    /// Whether videos of the list tell when they were made.
    pub list_tells_dates: bool,
    /// Keys that are good; all are where there are none.
    pub keys: Option<HashSet<String>>,
    /// Credits of each key; as many as wanted where there are none. A video costs 2.
    pub credits: Option<u32>,
    /// Jobs of a key at once.
    pub at_once: usize,
    /// The finished file.
    pub film: Arc<Vec<u8>>,
    /// What stands in the place of the file's address.
    pub film_address: Option<String>,
    /// What stands in the place of an upload's address.
    pub upload_address: Option<String>,
    /// What is told of a finished video.
    pub transcript: Option<String>,
    /// Of so many calls of a hundred something goes wrong, by chance.
    pub faults_percent: u64,
}

impl Behaviour {
    /// As documented, with this finished file.
    pub fn documented(film: impl Into<Vec<u8>>) -> Self {
        Self {
            shape: Shape::Flat,
            looks: 2,
            word: "completed",
            status_tells_address: true,
            tells_job: true,
            list_tells_prompt: true,
            oldest_first: false,
            list_tells_dates: true,
            keys: None,
            credits: None,
            at_once: 3,
            film: Arc::new(film.into()),
            film_address: None,
            upload_address: None,
            transcript: None,
            faults_percent: 0,
        }
    }
}

/// What it was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls by kind.
    pub calls: BTreeMap<Call, u64>,
    /// Orders taken.
    pub submissions: u64,
    /// Videos finished, which is what is paid for.
    pub finished: u64,
    /// What should never have been asked, in a sentence each.
    pub offences: Vec<String>,
    /// Files put to presigned addresses: their sizes and types.
    pub uploads: Vec<(usize, String)>,
}

/// An order that was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Whose.
    pub key: String,
    /// What was asked for.
    pub order: Value,
}

pub(crate) struct Job {
    pub(crate) submission: Submission,
    pub(crate) number: u64,
    pub(crate) looked: u32,
    pub(crate) ended: bool,
    pub(crate) made_at: u64,
}

pub(crate) struct State {
    pub(crate) behaviour: Behaviour,
    pub(crate) address: SocketAddr,
    pub(crate) faults: HashMap<Call, VecDeque<Fault>>,
    pub(crate) counts: Counts,
    pub(crate) jobs: Vec<Job>,
    pub(crate) uploads: u64,
    chance: u64,
}

impl State {
    pub(crate) fn new(behaviour: Behaviour, address: SocketAddr) -> Self {
        Self {
            behaviour,
            address,
            faults: HashMap::new(),
            counts: Counts::default(),
            jobs: Vec::new(),
            uploads: 0,
            // The same faults in each run, so that a failure comes again.
            chance: 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// The fault of this call, if it is to go wrong.
    pub(crate) fn fault(&mut self, call: Call) -> Option<Fault> {
        *self.counts.calls.entry(call).or_default() += 1;
        if let Some(fault) = self.faults.get_mut(&call).and_then(VecDeque::pop_front) {
            return Some(fault);
        }
        if self.draw() % 100 >= self.behaviour.faults_percent {
            return None;
        }
        let some = [
            Fault::Status(500, None),
            Fault::Status(503, Some("1".to_owned())),
            Fault::Status(429, Some("2".to_owned())),
            Fault::DoneBut(502),
            Fault::DoneButCut,
            Fault::Cut,
            Fault::Garbage,
            Fault::Surprise,
        ];
        let one = usize::try_from(self.draw() % some.len() as u64).unwrap_or(0);
        some.into_iter().nth(one)
    }

    /// xorshift64: chance enough for faults.
    fn draw(&mut self) -> u64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        self.chance >> 8
    }

    /// Jobs of a key that are not ended.
    pub(crate) fn open(&self, key: &str) -> usize {
        self.jobs
            .iter()
            .filter(|job| job.submission.key == key && !job.ended)
            .count()
    }

    pub(crate) fn spent(&self, key: &str) -> u32 {
        let jobs = self.jobs.iter().filter(|job| job.submission.key == key);
        u32::try_from(jobs.count())
            .unwrap_or(u32::MAX)
            .saturating_mul(2)
    }

    /// A look at a job, which brings it on.
    pub(crate) fn look(&mut self, number: u64) -> Option<Value> {
        let (looks, word) = (self.behaviour.looks, self.behaviour.word);
        let job = self.jobs.iter_mut().find(|job| job.number == number)?;
        job.looked += 1;
        if job.looked <= looks {
            let word = ["queued", "processing", "generating"][(job.looked as usize - 1).min(2)];
            return Some(json!({
                "job_id": job_id(number), "status": word, "progress": u64::from(job.looked) * 100 / (u64::from(looks) + 1),
            }));
        }
        // A script alone is not paid for.
        if job.submission.order["just_return_script"] == json!(true) {
            job.ended = true;
            return Some(json!({
                "job_id": job_id(number), "status": "script_ready",
                "script_text": self.behaviour.transcript,
            }));
        }
        let good = !["failed", "error", "errored", "cancelled", "canceled"].contains(&word);
        if !job.ended {
            job.ended = true;
            self.counts.finished += u64::from(good);
        }
        let mut answer = json!({"job_id": job_id(number), "status": word, "progress": 100});
        if good {
            answer["script_text"] = json!(self.behaviour.transcript);
            if self.behaviour.status_tells_address {
                answer["video_url"] = json!(self.film_address(number));
            }
        } else {
            answer["error"] = json!("The heron could not be drawn.");
        }
        Some(answer)
    }

    pub(crate) fn film_address(&self, number: u64) -> String {
        let own = || {
            format!(
                "http://{}/files/{number}.mp4?X-Signature=canary-signature",
                self.address
            )
        };
        self.behaviour.film_address.clone().unwrap_or_else(own)
    }

    /// A video, as the list and the call for one tell it.
    pub(crate) fn video(&self, job: &Job) -> Value {
        let ended = job.ended;
        let order = &job.submission.order;
        let mut video = json!({
            "id": video_id(job.number), "job_id": job_id(job.number), "is_public": false,
            "status": if ended { self.behaviour.word } else { "processing" },
        });
        if !self.behaviour.tells_job {
            video.as_object_mut().map(|video| video.remove("job_id"));
        }
        if self.behaviour.list_tells_prompt {
            video["prompt"] = order["prompt"].clone();
        } else {
            video["title"] = json!("A title of Golpo's making");
        }
        if self.behaviour.list_tells_dates {
            video["created_at"] = json!(job.made_at);
        }
        if ended {
            video["video_url"] = json!(self.film_address(job.number));
        }
        video
    }
}

pub(crate) fn job_id(number: u64) -> String {
    format!("job-{number:08}")
}

pub(crate) fn video_id(number: u64) -> String {
    format!("video-{number:08}")
}

pub(crate) fn number(id: &str) -> Option<u64> {
    id.rsplit('-').next()?.parse().ok()
}

//! Ten thousand random operations of five tenants at once, held against a model of each: whatever a
//! tenant is told is its own, and what is another's cannot be told from what never was (P5).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::support::{Behaviour, Service};

const TENANTS: usize = 5;
const OPERATIONS: usize = 2_000;
/// The same page ids on every site: a page's id tells nothing of whose it is.
const PAGES: u64 = 4;

/// Numbers that look random and come again with their seed (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn of<'a, T>(&mut self, values: &'a [T]) -> Option<&'a T> {
        (!values.is_empty()).then(|| &values[self.below(values.len())])
    }

    fn uuid(&mut self) -> String {
        let bits = u128::from(self.next()) << 64 | u128::from(self.next());
        uuid::Builder::from_random_bytes(bits.to_be_bytes())
            .into_uuid()
            .to_string()
    }
}

/// What all tenants' ids are, for the others to try.
#[derive(Default)]
struct Shared {
    /// Of videos and of deletions, with the number of the site that has, or had, them.
    ids: BTreeMap<String, usize>,
    videos: Vec<(usize, String)>,
    deletions: Vec<(usize, String)>,
    keys: Vec<(usize, String)>,
}

struct Expected {
    page: u64,
    title: String,
}

/// One tenant, what it did, and what must be there of it.
struct Tenant {
    number: usize,
    token: String,
    service: Arc<Service>,
    shared: Arc<Mutex<Shared>>,
    random: Random,
    /// Titles ever made.
    made: u64,
    videos: BTreeMap<String, Expected>,
    /// Keys that were used, with the body and the answer.
    asked: Vec<(String, Value, String)>,
    deletions: Vec<String>,
    api_key: Option<String>,
    retention: Option<u64>,
}

struct Told {
    status: u16,
    text: String,
    body: Value,
}

impl Tenant {
    async fn ask(&self, method: &str, path: &str, key: Option<&str>, body: Option<&Value>) -> Told {
        let mut request = self.service.bare(method, path).bearer_auth(&self.token);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        self.is_own(&text, &format!("{method} {path}"));
        assert!(status < 500, "{method} {path}: {status} {text}");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Told { status, text, body }
    }

    /// Nothing that is told is of another tenant: neither what it wrote nor any id of its.
    fn is_own(&self, text: &str, what: &str) {
        for other in (0..TENANTS).filter(|other| *other != self.number) {
            let mark = format!("mark-{other}-");
            assert!(!text.contains(&mark), "{what}: {text}");
        }
        let shared = self.shared.lock().unwrap();
        for word in text.split(|letter: char| !letter.is_ascii_hexdigit() && letter != '-') {
            if let Some(owner) = shared.ids.get(word) {
                assert_eq!(*owner, self.number, "{what}: {text}");
            }
        }
    }

    fn own(&mut self) -> Option<String> {
        let ids: Vec<&String> = self.videos.keys().collect();
        self.random.of(&ids).map(|id| (*id).clone())
    }

    fn foreign(&mut self, of: fn(&Shared) -> &Vec<(usize, String)>) -> Option<String> {
        let shared = self.shared.lock().unwrap();
        let ids: Vec<&String> = of(&shared)
            .iter()
            .filter(|(owner, _)| *owner != self.number)
            .map(|(_, id)| id)
            .collect();
        self.random.of(&ids).map(|id| (*id).clone())
    }

    fn new_video(&mut self) -> (Value, Expected) {
        self.made += 1;
        let page = 1 + self.random.below(PAGES as usize) as u64;
        let title = format!("mark-{}-{}", self.number, self.made);
        let body = json!({
            "pageId": page.to_string(), "pageVersion": 3, "spaceId": "98306",
            "script": { "title": title, "sections": [{ "heading": "Why", "text": title }] },
        });
        (body, Expected { page, title })
    }

    async fn create(&mut self, key: String) {
        let (body, expected) = self.new_video();
        let told = self
            .ask("POST", "/v1/videos", Some(&key), Some(&body))
            .await;
        assert_eq!(told.status, 202, "{}", told.text);
        let id = told.body["id"].as_str().unwrap().to_owned();
        {
            let mut shared = self.shared.lock().unwrap();
            let known = shared.ids.insert(id.clone(), self.number);
            assert_eq!(known, None, "an id was given twice");
            shared.videos.push((self.number, id.clone()));
            shared.keys.push((self.number, key.clone()));
        }
        self.videos.insert(id, expected);
        self.asked.push((key, body, told.text));
    }

    /// A path that names what is not this tenant's, and what never was: the same answer.
    async fn absent(&mut self, method: &str, path: impl Fn(&str) -> String, foreign: &str) {
        let never = self.random.uuid();
        let told = self.ask(method, &path(foreign), None, None).await;
        let nothing = self.ask(method, &path(&never), None, None).await;
        assert_eq!(told.status, 404, "{}", told.text);
        assert_eq!(told.text, nothing.text);
    }

    async fn list(&mut self) {
        let limit = 1 + self.random.below(20);
        let mut path = format!("/v1/videos?limit={limit}");
        let page =
            (self.random.below(2) == 0).then(|| 1 + self.random.below(PAGES as usize) as u64);
        if let Some(page) = page {
            path.push_str(&format!("&pageId={page}"));
        }
        let cursor = match self.random.below(3) {
            0 => self.own(),
            1 => self.foreign(|shared| &shared.videos),
            _ => None,
        };
        if let Some(cursor) = &cursor {
            path.push_str(&format!("&cursor={cursor}"));
        }
        let told = self.ask("GET", &path, None, None).await;
        let listed: Vec<&str> = told.body["videos"]
            .as_array()
            .unwrap()
            .iter()
            .map(|video| video["id"].as_str().unwrap())
            .collect();
        let expected: Vec<&str> = self
            .videos
            .iter()
            .rev()
            .filter(|(_, video)| page.is_none_or(|page| video.page == page))
            .map(|(id, _)| id.as_str())
            .filter(|id| cursor.as_ref().is_none_or(|cursor| *id < cursor.as_str()))
            .take(limit)
            .collect();
        assert_eq!(listed, expected, "{path}");
    }

    fn note_deletion(&mut self, id: &str) {
        let mut shared = self.shared.lock().unwrap();
        shared.ids.insert(id.to_owned(), self.number);
        shared.deletions.push((self.number, id.to_owned()));
        self.deletions.push(id.to_owned());
    }

    fn forget(&mut self, ids: &BTreeSet<String>) {
        self.videos.retain(|id, _| !ids.contains(id));
        // The answer went with its video.
        self.asked
            .retain(|(_, _, answer)| !ids.iter().any(|id| answer.contains(id.as_str())));
    }

    async fn leave(&mut self) {
        let told = self.ask("POST", "/v1/uninstalled", None, None).await;
        assert_eq!(told.status, 202, "{}", told.text);
        let id = told.body["id"].as_str().unwrap().to_owned();
        for _ in 0..1000 {
            let told = self
                .ask("GET", &format!("/v1/deletions/{id}"), None, None)
                .await;
            if told.body["state"] == "verified" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        self.note_deletion(&id);
        self.videos.clear();
        self.asked.clear();
        (self.api_key, self.retention) = (None, None);
        // As this process remembers it for a moment.
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }

    async fn step(&mut self) {
        match self.random.below(100) {
            0..12 => {
                let key = self.random.uuid();
                self.create(key).await;
            }
            // Another tenant's key is as good as a new one.
            12..15 => {
                let Some(key) = self.foreign(|shared| &shared.keys) else {
                    return;
                };
                if self.asked.iter().all(|(asked, _, _)| *asked != key) {
                    self.create(key).await;
                }
            }
            15..22 => {
                let asked = self.random.of(&self.asked).cloned();
                let Some((key, body, answer)) = asked else {
                    return;
                };
                let told = self
                    .ask("POST", "/v1/videos", Some(&key), Some(&body))
                    .await;
                assert_eq!((told.status, &told.text), (202, &answer));
                let (other, _) = self.new_video();
                let told = self
                    .ask("POST", "/v1/videos", Some(&key), Some(&other))
                    .await;
                assert_eq!(told.body["code"], "idempotency_conflict");
            }
            22..34 => {
                let Some(id) = self.own() else { return };
                let told = self
                    .ask("GET", &format!("/v1/videos/{id}"), None, None)
                    .await;
                let video = &self.videos[&id];
                assert_eq!(told.body["title"], video.title, "{}", told.text);
                assert_eq!(told.body["pageId"], video.page.to_string());
            }
            34..46 => {
                let Some(id) = self.foreign(|shared| &shared.videos) else {
                    return;
                };
                self.absent("GET", |id| format!("/v1/videos/{id}"), &id)
                    .await;
            }
            46..58 => self.list().await,
            58..63 => {
                let Some(id) = self.own() else { return };
                let path = format!("/v1/videos/{id}/media");
                let told = self.ask("GET", &path, None, None).await;
                if told.status == 200 {
                    let link = told.body["captionsUrl"].as_str().unwrap();
                    let link = link.strip_prefix("https://videos.example.com").unwrap();
                    let file = self.service.bare("GET", link).send().await.unwrap();
                    assert_eq!(file.status(), 200);
                } else {
                    assert_eq!(told.body["code"], "video_not_ready");
                }
            }
            63..68 => {
                let Some(id) = self.foreign(|shared| &shared.videos) else {
                    return;
                };
                self.absent("GET", |id| format!("/v1/videos/{id}/media"), &id)
                    .await;
                self.absent("POST", |id| format!("/v1/videos/{id}/cancel"), &id)
                    .await;
            }
            68..71 => {
                let Some(id) = self.own() else { return };
                let path = format!("/v1/videos/{id}/cancel");
                let told = self.ask("POST", &path, None, None).await;
                match told.status {
                    200 => assert_eq!(told.body["failure"]["code"], "video_cancelled"),
                    _ => assert_eq!(told.body["code"], "video_ended"),
                }
            }
            71..76 => {
                let Some(id) = self.foreign(|shared| &shared.videos) else {
                    return;
                };
                self.absent("DELETE", |id| format!("/v1/videos/{id}"), &id)
                    .await;
            }
            76..79 => {
                let Some(id) = self.own() else { return };
                let told = self
                    .ask("DELETE", &format!("/v1/videos/{id}"), None, None)
                    .await;
                assert_eq!(told.body["state"], "verified", "{}", told.text);
                self.note_deletion(told.body["id"].as_str().unwrap());
                self.forget(&BTreeSet::from([id]));
            }
            79 => {
                let page = 1 + self.random.below(PAGES as usize) as u64;
                let path = format!("/v1/pages/{page}/videos");
                let told = self.ask("DELETE", &path, None, None).await;
                assert_eq!(told.body["state"], "verified", "{}", told.text);
                self.note_deletion(told.body["id"].as_str().unwrap());
                let gone = self.videos.iter().filter(|(_, video)| video.page == page);
                let gone = gone.map(|(id, _)| id.clone()).collect();
                self.forget(&gone);
            }
            80..84 => {
                let Some(id) = self.random.of(&self.deletions).cloned() else {
                    return;
                };
                let told = self
                    .ask("GET", &format!("/v1/deletions/{id}"), None, None)
                    .await;
                assert_eq!(told.body["state"], "verified", "{}", told.text);
            }
            84..88 => {
                let Some(id) = self.foreign(|shared| &shared.deletions) else {
                    return;
                };
                self.absent("GET", |id| format!("/v1/deletions/{id}"), &id)
                    .await;
            }
            88..91 => {
                let key = format!("golpo-mark-{}-{}", self.number, self.random.uuid());
                let body = json!({ "apiKey": key });
                let told = self.ask("PUT", "/v1/api-key", None, Some(&body)).await;
                let print = told.body["fingerprint"].as_str().unwrap();
                self.api_key = Some(print.to_owned());
            }
            91 => {
                self.ask("DELETE", "/v1/api-key", None, None).await;
                self.api_key = None;
            }
            92..94 => {
                let told = self.ask("GET", "/v1/api-key", None, None).await;
                assert_eq!(told.body["present"], self.api_key.is_some());
                assert_eq!(told.body["fingerprint"].as_str(), self.api_key.as_deref());
            }
            94..96 => {
                let days = 10 + 5 * self.random.below(100) as u64 + self.number as u64;
                let body = json!({ "retentionDays": days });
                self.ask("PUT", "/v1/limits", None, Some(&body)).await;
                self.retention = Some(days);
            }
            96..98 => {
                let told = self.ask("GET", "/v1/limits", None, None).await;
                assert_eq!(told.body["retentionDays"].as_u64(), self.retention);
            }
            98 => {
                let told = self.ask("GET", "/v1/usage", None, None).await;
                assert!(told.body["videos"].as_u64().unwrap() <= self.made);
            }
            _ => {
                if self.random.below(4) == 0 {
                    self.leave().await;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p05_ten_thousand_operations_of_five_tenants_show_each_its_own_alone() {
    let seed = std::env::var("GOLPO_TEST_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        let now = std::time::SystemTime::now();
        now.duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_nanos() as u64
            | 1
    });
    println!("GOLPO_TEST_SEED={seed}");
    let service = Arc::new(Service::start_in_memory().await);
    let worker = service.worker(Behaviour::MakesSmall);
    let stop = CancellationToken::new();
    let upkeep = tokio::spawn(service.upkeep().run(stop.clone()));
    let shared = Arc::default();
    let tenants = (0..TENANTS).map(|number| {
        let mut tenant = Tenant {
            number,
            token: service.token(&format!("site-{number}")),
            service: Arc::clone(&service),
            shared: Arc::clone(&shared),
            random: Random(seed.wrapping_mul(number as u64 + 1) | 1),
            made: 0,
            videos: BTreeMap::new(),
            asked: Vec::new(),
            deletions: Vec::new(),
            api_key: None,
            retention: None,
        };
        tokio::spawn(async move {
            for _ in 0..OPERATIONS {
                tenant.step().await;
            }
            // At the end, all that is there is all that must be.
            for (id, video) in &tenant.videos {
                let told = tenant
                    .ask("GET", &format!("/v1/videos/{id}"), None, None)
                    .await;
                assert_eq!(told.body["title"], video.title, "{}", told.text);
            }
        })
    });
    for tenant in tenants.collect::<Vec<_>>() {
        tenant.await.unwrap();
    }
    stop.cancel();
    upkeep.await.unwrap();
    worker.stop().await;
}

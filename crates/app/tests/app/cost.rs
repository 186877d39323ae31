//! What each operation costs: counted over the host in memory and compared with docs/cost.md, which
//! `UPDATE_DOCS=1 cargo test -p app cost` writes anew. The prices are Forge's; where they are from
//! stands in the document.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::future::{Future, poll_fn};
use std::task::Poll;

use app::{ConfluenceRequest, Host, HostError, LogLevel, LogLine, RemoteRequest, Response, Scope};
use serde_json::{Value, json};

use crate::support::{FakeHost, PAGE, REQUEST, VIDEO, video};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cost.md");

/// Calls and bytes of one invocation.
#[derive(Debug, Default, Clone, PartialEq)]
struct Counts {
    kvs_reads: usize,
    kvs_read_bytes: usize,
    kvs_writes: usize,
    kvs_write_bytes: usize,
    secrets: usize,
    confluence: usize,
    backend: usize,
    events: usize,
    log_bytes: usize,
    /// How many calls were under way at once, at most.
    at_once: usize,
    under_way: usize,
}

/// Counts what goes to a host. Each call takes a turn of its own before it is answered, so that calls
/// that are made in parallel are seen to be.
struct Counting<'a> {
    host: &'a FakeHost,
    counts: RefCell<Counts>,
}

impl Counting<'_> {
    async fn call<T>(&self, count: impl FnOnce(&mut Counts), answer: impl Future<Output = T>) -> T {
        {
            let mut counts = self.counts.borrow_mut();
            count(&mut counts);
            counts.under_way += 1;
            counts.at_once = counts.at_once.max(counts.under_way);
        }
        let mut waited = false;
        poll_fn(|context| {
            if std::mem::replace(&mut waited, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        let answer = answer.await;
        self.counts.borrow_mut().under_way -= 1;
        answer
    }
}

impl Host for Counting<'_> {
    async fn kvs_get(&self, key: &str) -> Result<Option<String>, HostError> {
        let read = self
            .call(|counts| counts.kvs_reads += 1, self.host.kvs_get(key))
            .await?;
        // Forge counts a read of nothing as a kilobyte.
        let bytes = read.as_ref().map_or(1024, String::len);
        self.counts.borrow_mut().kvs_read_bytes += bytes;
        Ok(read)
    }

    async fn kvs_set(&self, key: &str, json: &str) -> Result<(), HostError> {
        let count = |counts: &mut Counts| {
            counts.kvs_writes += 1;
            counts.kvs_write_bytes += json.len();
        };
        self.call(count, self.host.kvs_set(key, json)).await
    }

    async fn kvs_delete(&self, key: &str) -> Result<(), HostError> {
        self.call(|counts| counts.kvs_writes += 1, self.host.kvs_delete(key))
            .await
    }

    async fn secret_get(&self, key: &str) -> Result<Option<String>, HostError> {
        self.call(|counts| counts.secrets += 1, self.host.secret_get(key))
            .await
    }

    async fn secret_set(&self, key: &str, secret: &str) -> Result<(), HostError> {
        self.call(
            |counts| counts.secrets += 1,
            self.host.secret_set(key, secret),
        )
        .await
    }

    async fn secret_delete(&self, key: &str) -> Result<(), HostError> {
        self.call(|counts| counts.secrets += 1, self.host.secret_delete(key))
            .await
    }

    async fn confluence(&self, request: ConfluenceRequest) -> Result<Response, HostError> {
        self.call(
            |counts| counts.confluence += 1,
            self.host.confluence(request),
        )
        .await
    }

    async fn attachment_text(
        &self,
        path: &str,
        name: &str,
        media_type: &str,
    ) -> Result<Response, HostError> {
        let text = self.host.attachment_text(path, name, media_type);
        self.call(|counts| counts.confluence += 1, text).await
    }

    async fn remote(&self, request: RemoteRequest) -> Result<Response, HostError> {
        self.call(|counts| counts.backend += 1, self.host.remote(request))
            .await
    }

    async fn queue(&self, event: &str, delay_seconds: u32) -> Result<(), HostError> {
        self.call(
            |counts| counts.events += 1,
            self.host.queue(event, delay_seconds),
        )
        .await
    }

    fn has_scope(&self, scope: Scope) -> bool {
        self.host.has_scope(scope)
    }

    fn log(&self, level: LogLevel, line: LogLine) {
        self.counts.borrow_mut().log_bytes += line.as_str().len();
        self.host.log(level, line);
    }
}

/// Runs something on a host and counts.
fn counted<F: AsyncFnOnce(&Counting<'_>)>(host: &FakeHost, run: F) -> Counts {
    let counting = Counting {
        host,
        counts: RefCell::default(),
    };
    pollster::block_on(run(&counting));
    counting.counts.into_inner()
}

fn operation(host: &FakeHost, name: &str, payload: Value) -> Counts {
    counted(host, async |counting| {
        let context = json!({"moduleKey":"golpo-content-action",
            "extension":{"content":{"id":PAGE,"type":"page"},"space":{"id":"9","key":"ENG"}}});
        let (payload, context) = (payload.to_string(), context.to_string());
        let answer = app::resolve(counting, name, &payload, &context, None).await;
        assert!(answer.starts_with("{\"ok\""), "{name}: {answer}");
    })
}

fn byline(host: &FakeHost) -> Counts {
    counted(host, async |counting| {
        let context = json!({"extension":{"content":{"id":PAGE,"type":"page"}}}).to_string();
        app::byline(counting, &context).await;
    })
}

fn consume(host: &FakeHost, looks: u32) -> Counts {
    counted(host, async |counting| {
        let event = json!({"pageId":PAGE,"videoId":VIDEO,"looks":looks}).to_string();
        app::consume(counting, &event).await;
    })
}

/// The video, made of the page as it is now.
fn finished() -> Value {
    let mut video = video("done", 3);
    video["sourceFingerprint"] = json!(format!("1-{}", "0a".repeat(16)));
    video
}

fn videos(video: Value) -> (u16, String) {
    (200, json!({"videos":[video],"nextCursor":null}).to_string())
}

/// One case of the table.
struct Case {
    name: &'static str,
    counts: Counts,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |name, counts| cases.push(Case { name, counts });
    let host = FakeHost::admin();
    let page = json!({"pageId":PAGE});
    let wish = json!({"pageId":PAGE,"pageVersion":3,"requestId":REQUEST,
        "script":{"title":"Guide","sections":[{"heading":"Deploying","text":"Look at the calendar."}]}});
    case("context", operation(&host, "context", json!({})));
    case("preview", operation(&host, "preview", page.clone()));
    let selection = json!({"pageId":PAGE,"selection":"keeps the calendar"});
    case(
        "preview of a selection",
        operation(&host, "preview", selection),
    );
    let file = json!({"results":[{"id":"att1","title":"notes.txt","mediaType":"text/plain","fileSize":9}],"_links":{}});
    let mut with_file =
        FakeHost::admin().confluence_answer("/wiki/api/v2/pages/65601/attachments?", 200, file);
    let download = format!("/wiki/rest/api/content/{PAGE}/child/attachment/att1/download");
    with_file
        .attachment_texts
        .insert(download, (200, json!({"text":"A note."}).to_string()));
    let chosen = json!({"pageId":PAGE,"attachmentIds":["att1"]});
    case(
        "preview with a file",
        operation(&with_file, "preview", chosen),
    );
    case(
        "listAttachments",
        operation(&with_file, "listAttachments", page.clone()),
    );
    case("createVideo", operation(&host, "createVideo", wish));
    let status = json!({"videoId":VIDEO});
    let of_one = format!("GET /v1/videos/{VIDEO}");
    let running = FakeHost::admin()
        .backend_answer(&of_one, (200, video("running", 3).to_string()))
        .backend_answer("GET /v1/videos?", videos(video("running", 3)));
    case(
        "videoStatus while it is made",
        operation(&running, "videoStatus", status.clone()),
    );
    let done = FakeHost::admin()
        .backend_answer(&of_one, (200, finished().to_string()))
        .backend_answer("GET /v1/videos?", videos(finished()));
    case(
        "videoStatus when it is done",
        operation(&FakeHost::admin(), "videoStatus", status),
    );
    case("listVideos of a page", operation(&done, "listVideos", page));
    case("byline, no video", byline(&host));
    case("consumer, first look", consume(&running, 0));
    case("consumer, later look", consume(&running, 1));
    case("consumer, an event again", consume(&running, 1));
    *running.backend_answers.borrow_mut() = done.backend_answers.borrow().clone();
    case("consumer, video done", consume(&running, 2));
    case("byline, one video", byline(&running));
    case("settings", operation(&host, "settings", json!({})));
    let key = json!({"apiKey":"golpo-canary-key-1"});
    case("saveApiKey", operation(&host, "saveApiKey", key));
    case("removeApiKey", operation(&host, "removeApiKey", json!({})));
    let uninstall = counted(&host, async |counting| app::uninstall(counting).await);
    case("uninstall", uninstall);
    cases
}

fn table(cases: &[Case]) -> String {
    let mut table = String::from(
        "| invocation | KVS reads | KVS writes | secrets | Confluence | at once | backend | events | log bytes |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for Case { name, counts } in cases {
        let of = |calls: usize, bytes: usize| match calls {
            0 => "0".to_owned(),
            _ => format!("{calls} ({bytes} B)"),
        };
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} |",
            of(counts.kvs_reads, counts.kvs_read_bytes),
            of(counts.kvs_writes, counts.kvs_write_bytes),
            counts.secrets,
            counts.confluence,
            counts.at_once,
            counts.backend,
            counts.events,
            counts.log_bytes
        );
    }
    table
}

/// Invocations on the way to one video of two minutes that ten people come across, and how long each
/// takes: not measured, chosen high. A video that is made is asked for every two seconds.
const JOURNEY: [(&str, u32, f64); 9] = [
    ("context", 2, 0.6),
    ("preview", 2, 1.0),
    ("createVideo", 1, 1.5),
    ("videoStatus while it is made", 60, 0.6),
    ("videoStatus when it is done", 11, 0.8),
    ("consumer, first look", 1, 0.5),
    ("consumer, later look", 5, 0.5),
    ("consumer, video done", 1, 0.5),
    ("byline, one video", 100, 0.4),
];
/// `memoryMB` of manifest.yml.
const GIGABYTES: f64 = 256.0 / 1024.0;
/// Dollars beyond the free allowance.
const GIGABYTE_SECOND: f64 = 0.000_025;
const READ_GIGABYTE: f64 = 0.055;
const WRITTEN_GIGABYTE: f64 = 1.090;
const LOGGED_GIGABYTE: f64 = 1.005;

fn price(cases: &[Case]) -> String {
    let (mut seconds, mut read, mut written, mut logged) = (0.0, 0, 0, 0);
    let mut journey = String::from("| invocation | times | seconds each |\n| --- | --- | --- |\n");
    for (name, times, each) in JOURNEY {
        let case = cases.iter().find(|case| case.name == name);
        let counts = &case.unwrap().counts;
        seconds += f64::from(times) * each;
        read += times as usize * counts.kvs_read_bytes;
        written += times as usize * counts.kvs_write_bytes;
        logged += times as usize * counts.log_bytes;
        let _ = writeln!(journey, "| {name} | {times} | {each} |");
    }
    let videos = 1000.0;
    let gigabytes = |bytes: usize| bytes as f64 * videos / 1e9;
    let rows = [
        (
            "function, GB-seconds",
            seconds * GIGABYTES * videos,
            200_000.0,
            GIGABYTE_SECOND,
        ),
        ("KVS read, GB", gigabytes(read), 0.1, READ_GIGABYTE),
        ("KVS written, GB", gigabytes(written), 0.1, WRITTEN_GIGABYTE),
        ("logs, GB", gigabytes(logged), 1.0, LOGGED_GIGABYTE),
    ];
    let mut bill = String::from(
        "\n| 1,000 videos | used | free a month | price of one, $ | $ without the free part | $ beyond it |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    let (mut whole, mut beyond) = (0.0, 0.0);
    for (what, used, free, price) in rows {
        let over = (used - free).max(0.0) * price;
        whole += used * price;
        beyond += over;
        let _ = writeln!(
            bill,
            "| {what} | {used:.4} | {free} | {price} | {:.4} | {over:.4} |",
            used * price
        );
    }
    let _ = writeln!(bill, "| sum | | | | {whole:.4} | {beyond:.4} |");
    journey + &bill
}

/// The document with what stands between two of its marks replaced.
fn replaced(document: &str, mark: &str, text: &str) -> String {
    let (begin, end) = (
        format!("<!-- {mark} -->\n"),
        format!("<!-- end of {mark} -->"),
    );
    let (before, rest) = document.split_once(&begin).unwrap();
    let (_, behind) = rest.split_once(&end).unwrap();
    format!("{before}{begin}\n{text}\n{end}{behind}")
}

#[test]
fn the_document_says_what_is_counted() {
    let cases = cases();
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let counted = replaced(&document, "counted", &table(&cases));
    let counted = replaced(&counted, "price", &price(&cases));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(DOCUMENT, &counted).unwrap();
        return;
    }
    assert!(
        document == counted,
        "docs/cost.md is out of date: UPDATE_DOCS=1 cargo test -p app cost\n{counted}"
    );
}

#[test]
fn what_is_written_has_changed_and_what_is_independent_runs_at_once() {
    let cases = cases();
    let of = |name: &str| &cases.iter().find(|case| case.name == name).unwrap().counts;
    assert_eq!(of("preview").confluence, 2, "the page and its space");
    assert_eq!(of("preview").at_once, 2);
    assert_eq!(of("context").at_once, 2);
    assert_eq!(of("byline, no video").confluence, 0);
    assert_eq!(of("consumer, an event again").kvs_writes, 0);
    assert_eq!(of("consumer, an event again").backend, 0);
    for Case { name, counts } in &cases {
        assert_eq!(counts.log_bytes, 0, "{name}: nothing went wrong");
        assert!(counts.kvs_reads <= 1 && counts.kvs_writes <= 1, "{name}");
        let writes_nothing = !name.starts_with("consumer");
        assert!(!writes_nothing || counts.kvs_writes == 0, "{name}");
    }
}

#[test]
fn the_price_is_of_the_manifests_memory() {
    let manifest = include_str!("../../../../manifest.yml");
    let memory = format!("memoryMB: {}\n", GIGABYTES * 1024.0);
    assert!(manifest.contains(&memory), "{memory}");
}

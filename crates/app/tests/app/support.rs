//! A [`Host`] in memory: a site with one page and a backend with one video, each of which can be
//! told to fail, and a record of every call that left the app.

use std::cell::RefCell;
use std::collections::HashMap;

use app::{ConfluenceRequest, Host, HostError, LogLevel, LogLine, RemoteRequest, Response, Scope};
use serde_json::{Value, json};

pub const PAGE: &str = "65601";
pub const VIDEO: &str = "0198c0de-0000-7000-8000-000000000001";
pub const REQUEST: &str = "0198c0de-0000-7000-8000-0000000000aa";

#[derive(Default)]
pub struct FakeHost {
    pub admin: bool,
    pub missing_scopes: Vec<Scope>,
    /// Answers that replace the usual ones: the longest path prefix to status and body.
    pub confluence_answers: HashMap<String, (u16, String)>,
    pub backend_answers: RefCell<HashMap<String, (u16, String)>>,
    /// What `attachment_text` answers for a path that ends so; 404 without.
    pub attachment_texts: HashMap<String, (u16, String)>,
    pub attachment_calls: RefCell<Vec<String>>,
    pub backend_down: bool,
    pub queue_down: bool,
    /// What every call of Forge's storage fails with.
    pub storage_fails: Option<HostError>,
    pub kvs: RefCell<HashMap<String, String>>,
    pub secrets: RefCell<HashMap<String, String>>,
    pub remote_calls: RefCell<Vec<RemoteRequest>>,
    /// What was reported of failures; not among the calls above.
    pub reports: RefCell<Vec<String>>,
    pub confluence_calls: RefCell<Vec<String>>,
    pub kvs_writes: RefCell<u32>,
    pub events: RefCell<Vec<(String, u32)>>,
    pub log: RefCell<Vec<String>>,
}

/// A page whose text mentions an invented person, by mention and by name.
pub fn page_adf() -> String {
    json!({"type":"doc","version":1,"content":[
        {"type":"heading","attrs":{"level":2},"content":[{"type":"text","text":"Deploying"}]},
        {"type":"paragraph","content":[
            {"type":"text","text":"Ask "},
            {"type":"mention","attrs":{"id":"5b10ac8d82e05b22cc7d4ef5","text":"@Mira Vale"}},
            {"type":"text","text":" before you deploy. Mira Vale keeps the calendar."}
        ]}
    ]})
    .to_string()
}

pub fn page(version: u32, body: Value) -> Value {
    json!({"id": PAGE, "status":"current", "title":"Release guide by Mira Vale", "spaceId":"9",
        "labels":{"results":[{"id":"1","name":"release","prefix":"global"},{"id":"2","name":"mine","prefix":"my"}]},
        "authorId":"5b10ac8d82e05b22cc7d4ef5", "ownerId":"5b10ac8d82e05b22cc7d4ef5",
        "version":{"number":version,"authorId":"5b10ac8d82e05b22cc7d4ef5"}, "body":body})
}

/// The page's body as REST v2 gives it.
pub fn adf_body(adf: &str) -> Value {
    json!({"atlas_doc_format":{"value":adf,"representation":"atlas_doc_format"}})
}

pub fn video(state: &str, page_version: u32) -> Value {
    json!({"id":VIDEO,"pageId":PAGE,"pageVersion":page_version,"title":"Release guide","state":state,
        "stage":"storing","percent":100,"failure":null,"options":{},"createdAt":"2026-11-24T10:00:00Z",
        "finishedAt":null,"durationMs":12000})
}

pub fn problem(code: &str, status: u16) -> (u16, String) {
    let body = json!({"type":format!("urn:golpo:error:{code}"),"title":"t","status":status,"code":code,"action":"a"});
    (status, body.to_string())
}

fn site() -> Value {
    json!({"engine":{"name":"local","requiresApiKey":false,"options":{"styles":["whiteboard"],"voices":[],
        "languages":["en"],"lengths":["auto"],"music":["none"],"orientations":["landscape"]}},
        "apiKey":{"present":true,"fingerprint":"0a1b2c3d","savedAt":"2026-11-24T10:00:00Z"},
        "usage":{"month":"2026-11","videos":1,"seconds":12}})
}

impl FakeHost {
    pub fn admin() -> Self {
        Self {
            admin: true,
            ..Self::default()
        }
    }

    pub fn confluence_answer(mut self, prefix: &str, status: u16, body: Value) -> Self {
        self.confluence_answers
            .insert(prefix.to_owned(), (status, body.to_string()));
        self
    }

    pub fn backend_answer(self, prefix: &str, answer: (u16, String)) -> Self {
        self.backend_answers
            .borrow_mut()
            .insert(prefix.to_owned(), answer);
        self
    }

    /// Runs one operation from a module and gives the parsed answer.
    pub fn run(&self, operation: &str, payload: Value) -> Value {
        self.run_text(operation, &payload.to_string())
    }

    pub fn run_text(&self, operation: &str, payload: &str) -> Value {
        self.run_in(json!({"id":"9","key":"ENG"}), operation, payload)
    }

    /// Runs an operation where Forge says that the page is in this space.
    pub fn run_in(&self, space: Value, operation: &str, payload: &str) -> Value {
        let context = json!({"accountId":"5b10ac8d82e05b22cc7d4ef5","moduleKey":"golpo-content-action",
            "extension":{"content":{"id":PAGE,"type":"page"},"space":space}});
        let answer = pollster::block_on(app::resolve(
            self,
            operation,
            payload,
            &context.to_string(),
            None,
        ));
        serde_json::from_str(&answer).unwrap()
    }

    /// The code of the error that one operation answers.
    pub fn code(&self, operation: &str, payload: Value) -> String {
        let answer = self.run(operation, payload);
        let error = &answer["error"];
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|text| text.ends_with('.')),
            "{answer}"
        );
        assert!(
            error["action"]
                .as_str()
                .is_some_and(|text| text.ends_with('.')),
            "{answer}"
        );
        error["code"].as_str().unwrap().to_owned()
    }

    fn storage(&self) -> Result<(), HostError> {
        self.storage_fails.map_or(Ok(()), Err)
    }

    pub fn remote_paths(&self) -> Vec<String> {
        self.remote_calls
            .borrow()
            .iter()
            .map(|call| format!("{} {}", call.method, call.path))
            .collect()
    }
}

impl Host for FakeHost {
    async fn kvs_get(&self, key: &str) -> Result<Option<String>, HostError> {
        self.storage()?;
        Ok(self.kvs.borrow().get(key).cloned())
    }

    async fn kvs_set(&self, key: &str, json: &str) -> Result<(), HostError> {
        self.storage()?;
        *self.kvs_writes.borrow_mut() += 1;
        self.kvs
            .borrow_mut()
            .insert(key.to_owned(), json.to_owned());
        Ok(())
    }

    async fn kvs_delete(&self, key: &str) -> Result<(), HostError> {
        self.storage()?;
        *self.kvs_writes.borrow_mut() += 1;
        self.kvs.borrow_mut().remove(key);
        Ok(())
    }

    async fn secret_get(&self, key: &str) -> Result<Option<String>, HostError> {
        self.storage()?;
        Ok(self.secrets.borrow().get(key).cloned())
    }

    async fn secret_set(&self, key: &str, secret: &str) -> Result<(), HostError> {
        self.storage()?;
        self.secrets
            .borrow_mut()
            .insert(key.to_owned(), secret.to_owned());
        Ok(())
    }

    async fn secret_delete(&self, key: &str) -> Result<(), HostError> {
        self.storage()?;
        self.secrets.borrow_mut().remove(key);
        Ok(())
    }

    async fn confluence(&self, request: ConfluenceRequest) -> Result<Response, HostError> {
        let path = request.path;
        self.confluence_calls.borrow_mut().push(path.clone());
        let answer = self
            .confluence_answers
            .iter()
            .filter(|(prefix, _)| path.starts_with(prefix.as_str()))
            .max_by_key(|(prefix, _)| prefix.len());
        if let Some((_, (status, body))) = answer {
            return Ok(Response {
                status: *status,
                body: body.clone(),
            });
        }
        let (status, body) = if path.starts_with("/wiki/rest/api/user/current?expand=operations") {
            let operation = if self.admin { "administer" } else { "use" };
            (
                200,
                json!({"accountId":"x","operations":[{"operation":operation,"targetType":"application"}]}),
            )
        } else if path.starts_with(&format!("/wiki/api/v2/pages/{PAGE}?")) {
            (200, page(3, adf_body(&page_adf())))
        } else if path == "/wiki/api/v2/spaces/9" {
            (
                200,
                json!({"id":"9","key":"ENG","name":"Engineering","type":"global","authorId":"x"}),
            )
        } else if path.starts_with(&format!("/wiki/api/v2/pages?id={PAGE}")) {
            (
                200,
                json!({"results":[{"id":PAGE,"version":{"number":3}}],"_links":{}}),
            )
        } else if path.contains("?id=") {
            (200, json!({"results":[],"_links":{}}))
        } else {
            (404, json!({"errors":[{"status":404,"code":"NOT_FOUND"}]}))
        };
        Ok(Response {
            status,
            body: body.to_string(),
        })
    }

    async fn attachment_text(
        &self,
        path: &str,
        name: &str,
        media_type: &str,
    ) -> Result<Response, HostError> {
        self.attachment_calls
            .borrow_mut()
            .push(format!("{path} {name} {media_type}"));
        let answer = self.attachment_texts.get(path).cloned();
        let (status, body) = answer.unwrap_or((404, String::new()));
        Ok(Response { status, body })
    }

    async fn remote(&self, request: RemoteRequest) -> Result<Response, HostError> {
        let key = format!("{} {}", request.method, request.path);
        if key == "POST /v1/errors" {
            self.reports
                .borrow_mut()
                .push(request.body.unwrap_or_default());
            // Whatever becomes of a report, nobody may notice.
            return Err(HostError::Failed);
        }
        self.remote_calls.borrow_mut().push(request);
        if self.backend_down {
            return Err(HostError::Failed);
        }
        if let Some(answer) = self
            .backend_answers
            .borrow()
            .iter()
            .filter(|(prefix, _)| key.starts_with(prefix.as_str()))
            .max_by_key(|(prefix, _)| prefix.len())
        {
            let (status, body) = answer.1.clone();
            return Ok(Response { status, body });
        }
        let (status, body) = match key.as_str() {
            "GET /v1/site" => (200, site()),
            "PUT /v1/api-key" | "DELETE /v1/api-key" => (200, site()["apiKey"].clone()),
            "POST /v1/videos" => (202, video("queued", 3)),
            _ if key.starts_with("GET /v1/videos?") => {
                (200, json!({"videos":[video("done", 2)],"nextCursor":null}))
            }
            _ if key.ends_with("/media") => (
                200,
                json!({"videoUrl":"https://v","captionsUrl":"https://c","posterUrl":"https://p","chapters":[],"expiresAt":"2026-11-24T10:15:00Z"}),
            ),
            _ => (200, video("done", 2)),
        };
        Ok(Response {
            status,
            body: body.to_string(),
        })
    }

    async fn queue(&self, event: &str, delay_seconds: u32) -> Result<(), HostError> {
        if self.queue_down {
            return Err(HostError::Failed);
        }
        self.events
            .borrow_mut()
            .push((event.to_owned(), delay_seconds));
        Ok(())
    }

    fn has_scope(&self, scope: Scope) -> bool {
        !self.missing_scopes.contains(&scope)
    }

    fn log(&self, _: LogLevel, line: LogLine) {
        self.log.borrow_mut().push(line.as_str().to_owned());
    }
}

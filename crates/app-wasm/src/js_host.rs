//! The shim's host object. A JavaScript exception of any kind becomes [`HostError`]: its text may
//! hold content and is dropped here.

use app::{ConfluenceRequest, Host, HostError, LogLevel, LogLine, RemoteRequest, Response, Scope};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// `{kvs, secret, confluence, attachment, remote, queue, hasScope, log}` as src-js-shim makes it.
    pub type JsHost;
    #[wasm_bindgen(method, getter)]
    fn kvs(this: &JsHost) -> JsStore;
    #[wasm_bindgen(method, getter)]
    fn secret(this: &JsHost) -> JsStore;
    #[wasm_bindgen(method, getter)]
    fn confluence(this: &JsHost) -> JsConfluence;
    #[wasm_bindgen(method, catch)]
    async fn attachment(
        this: &JsHost,
        path: &str,
        name: &str,
        media_type: &str,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn remote(
        this: &JsHost,
        method: &str,
        path: &str,
        idempotency_key: Option<String>,
        body: Option<String>,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn queue(this: &JsHost, event: &str, delay_seconds: u32) -> Result<(), JsValue>;
    #[wasm_bindgen(method, js_name = hasScope)]
    fn js_has_scope(this: &JsHost, scope: &str) -> bool;
    #[wasm_bindgen(method, js_name = log)]
    fn js_log(this: &JsHost, level: &str, line: &str);

    type JsStore;
    #[wasm_bindgen(method, catch)]
    async fn get(this: &JsStore, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn set(this: &JsStore, key: &str, value: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn delete(this: &JsStore, key: &str) -> Result<(), JsValue>;

    type JsConfluence;
    #[wasm_bindgen(method, catch, js_name = asUser)]
    async fn as_user(this: &JsConfluence, method: &str, path: &str) -> Result<JsValue, JsValue>;

    type JsResponse;
    #[wasm_bindgen(method, getter)]
    fn status(this: &JsResponse) -> u16;
    /// Bytes as they came: JavaScript's strings would be made of them and taken apart again.
    #[wasm_bindgen(method, getter)]
    fn body(this: &JsResponse) -> Vec<u8>;
}

/// The shim throws the HTTP status of storage that refused; of anything else nothing is kept.
fn failed(thrown: JsValue) -> HostError {
    if thrown.as_f64() == Some(429.0) {
        HostError::RateLimited
    } else {
        HostError::Failed
    }
}

fn response(answer: Result<JsValue, JsValue>) -> Result<Response, HostError> {
    let answer: JsResponse = answer.map_err(failed)?.into();
    Ok(Response {
        status: answer.status(),
        // All that answer us send UTF-8.
        body: String::from_utf8(answer.body()).map_err(|_| HostError::Failed)?,
    })
}

impl Host for JsHost {
    async fn kvs_get(&self, key: &str) -> Result<Option<String>, HostError> {
        Ok(self.kvs().get(key).await.map_err(failed)?.as_string())
    }

    async fn kvs_set(&self, key: &str, json: &str) -> Result<(), HostError> {
        self.kvs().set(key, json).await.map_err(failed)
    }

    async fn kvs_delete(&self, key: &str) -> Result<(), HostError> {
        self.kvs().delete(key).await.map_err(failed)
    }

    async fn secret_get(&self, key: &str) -> Result<Option<String>, HostError> {
        Ok(self.secret().get(key).await.map_err(failed)?.as_string())
    }

    async fn secret_set(&self, key: &str, secret: &str) -> Result<(), HostError> {
        self.secret().set(key, secret).await.map_err(failed)
    }

    async fn secret_delete(&self, key: &str) -> Result<(), HostError> {
        self.secret().delete(key).await.map_err(failed)
    }

    async fn confluence(&self, request: ConfluenceRequest) -> Result<Response, HostError> {
        let confluence = JsHost::confluence(self);
        response(confluence.as_user(request.method, &request.path).await)
    }

    async fn attachment_text(
        &self,
        path: &str,
        name: &str,
        media_type: &str,
    ) -> Result<Response, HostError> {
        response(self.attachment(path, name, media_type).await)
    }

    async fn remote(&self, request: RemoteRequest) -> Result<Response, HostError> {
        response(
            JsHost::remote(
                self,
                request.method,
                &request.path,
                request.idempotency_key,
                request.body,
            )
            .await,
        )
    }

    async fn queue(&self, event: &str, delay_seconds: u32) -> Result<(), HostError> {
        JsHost::queue(self, event, delay_seconds)
            .await
            .map_err(failed)
    }

    fn has_scope(&self, scope: Scope) -> bool {
        self.js_has_scope(scope.as_str())
    }

    fn log(&self, level: LogLevel, line: LogLine) {
        let level = match level {
            LogLevel::Warn => "warn",
            LogLevel::Error => "error",
        };
        self.js_log(level, line.as_str());
    }
}

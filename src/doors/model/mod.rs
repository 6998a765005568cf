//! A language model behind any OpenAI-compatible endpoint: one question, one streamed reply.
//!
//! Owns: the endpoint and its key, the one HTTP client for it, the time and the bytes an answer may take, and reading what servers
//! really send. The only place that names `async_openai`.
//! Does not own: what is asked and what of the cluster goes along (`road/plan/from_model`), or what a reply means (also there).
//! Invariants: the key leaves only in the request's own header; a redirect is not followed; what comes back is data, bounded, and
//! whole or an error; a request is sent at most twice, and never again once an answer has begun; dropping [`Model::ask`] ends it.

mod assembly;
mod exchange;
mod settings;
pub mod wire;

pub use wire::{Delta, Message, ModelTrouble, Reply, Request, ToolCall, ToolSpec};

use crate::world::World;
use assembly::Assembly;
use async_openai::{
    Client,
    config::Config,
    error::{OpenAIError, StreamError},
    middleware::HttpRequestFactory,
};
use exchange::Seen;
use futures::StreamExt as _;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use settings::{Endpoint, Limits};
use std::sync::{
    OnceLock,
    atomic::{AtomicBool, Ordering},
};

/// A model that was set up. Nothing is connected until it is asked.
#[derive(Debug)]
pub struct Model {
    host: String,
    endpoint: Result<Endpoint, ModelTrouble>,
    limits: Limits,
    http: OnceLock<reqwest::Client>,
    /// Whether the endpoint wants `max_completion_tokens`, as OpenAI's own does; many others know `max_tokens` alone.
    newer: AtomicBool,
}

impl Model {
    /// The model that `OPENAI_BASE_URL`, `OPENAI_API_KEY` and `AIOPS_MODEL` name; `None` where neither an address nor a model is
    /// named. What is wrong with them is said when it is asked.
    pub fn from_world(world: &World) -> Option<Model> {
        Model::set_up(world.var("OPENAI_BASE_URL"), world.var("AIOPS_MODEL"), world)
    }

    /// The same with an address and a model from elsewhere (a settings file); the key stands in the environment alone.
    pub fn set_up(base: Option<&str>, model: Option<&str>, world: &World) -> Option<Model> {
        let (host, endpoint) = settings::endpoint(base, model, world.var("OPENAI_API_KEY"))?;
        let newer = AtomicBool::new(host == "api.openai.com");
        Some(Model { host, endpoint, limits: Limits::default(), http: OnceLock::new(), newer })
    }

    /// Where the data would go: host and port, and whether the way there is open to others.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Asks, and tells each piece of the reply as it comes.
    ///
    /// # Errors
    /// [`ModelTrouble`] where there is no whole reply.
    pub async fn ask(&self, request: Request, tell: &mut (dyn FnMut(Delta) + Send)) -> Result<Reply, ModelTrouble> {
        let endpoint = self.endpoint.as_ref().map_err(Clone::clone)?;
        let asked = async {
            let first = self.once(endpoint, &request, tell).await;
            match first {
                Err(ModelTrouble::ServerTrouble { status: 400, said })
                    if said.contains("max_tokens") || said.contains("max_completion") =>
                {
                    self.newer.fetch_xor(true, Ordering::Relaxed);
                    self.once(endpoint, &request, tell).await
                }
                other => other,
            }
        };
        let reply = tokio::time::timeout(self.limits.total, asked).await.unwrap_or(Err(ModelTrouble::TimedOut));
        reply.map_err(|trouble| without_key(trouble, endpoint.key.as_ref()))
    }

    async fn once(&self, endpoint: &Endpoint, request: &Request, tell: &mut (dyn FnMut(Delta) + Send)) -> Result<Reply, ModelTrouble> {
        let (http, limits, seen) = (self.http()?, self.limits.clone(), Seen::default());
        let service = {
            let seen = seen.clone();
            tower::service_fn(move |factory: HttpRequestFactory| exchange::send(http.clone(), factory, limits.clone(), seen.clone()))
        };
        // Its own client is never used: every request goes through the service.
        let client = Client::build(self.http()?, Wanted(endpoint.clone())).with_http_service(service);
        let body = self.body(endpoint, request);
        let mut frames = client.chat().create_stream_byot::<Value, Value>(body).await.map_err(|e| trouble(e, &seen))?;
        let mut assembly = Assembly::new(&self.limits);
        while let Some(frame) = frames.next().await {
            assembly.take(&frame.map_err(|e| trouble(e, &seen))?, tell)?;
        }
        match seen.trouble() {
            Some(trouble) => Err(trouble),
            None => assembly.finish(seen.done()),
        }
    }

    fn body(&self, endpoint: &Endpoint, request: &Request) -> Value {
        let mut body = json!({
            "model": endpoint.model,
            "stream": true,
            "messages": request.messages.iter().map(message).collect::<Vec<_>>(),
        });
        let tools: Vec<Value> = request
            .tools
            .iter()
            .map(|t| json!({"type": "function", "function": {"name": t.name, "description": t.about, "parameters": t.schema}}))
            .collect();
        // Some servers refuse an empty list.
        if !tools.is_empty() {
            body["tools"] = Value::Array(tools);
        }
        let field = if self.newer.load(Ordering::Relaxed) { "max_completion_tokens" } else { "max_tokens" };
        body[field] = json!(self.limits.tokens);
        body
    }

    /// The HTTP client, made when it is first used. Proxies come from the environment.
    fn http(&self) -> Result<reqwest::Client, ModelTrouble> {
        if let Some(http) = self.http.get() {
            return Ok(http.clone());
        }
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Whoever was faster has installed the same one.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let http = reqwest::Client::builder()
            .user_agent(concat!("aiops/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.limits.connect)
            .read_timeout(self.limits.idle)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| ModelTrouble::NotConfigured("the system's certificates or proxy settings cannot be used".into()))?;
        Ok(self.http.get_or_init(|| http).clone())
    }
}

/// async-openai's settings without its own look at the environment. A local server may want no key.
struct Wanted(Endpoint);

impl Config for Wanted {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let bearer = self.0.key.as_ref().and_then(|key| HeaderValue::from_str(&format!("Bearer {}", key.expose_secret())).ok());
        if let Some(mut bearer) = bearer {
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        headers
    }
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0.base)
    }
    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }
    fn api_base(&self) -> &str {
        &self.0.base
    }
    fn api_key(&self) -> &SecretString {
        static NONE: OnceLock<SecretString> = OnceLock::new();
        self.0.key.as_ref().unwrap_or_else(|| NONE.get_or_init(|| SecretString::from(String::new())))
    }
}

fn message(message: &Message) -> Value {
    match message {
        Message::System(text) => json!({"role": "system", "content": text}),
        Message::User(text) => json!({"role": "user", "content": text}),
        Message::Assistant { text, calls } if calls.is_empty() => json!({"role": "assistant", "content": text}),
        Message::Assistant { text, calls } => {
            let calls: Vec<Value> = calls
                .iter()
                .map(|c| json!({"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}}))
                .collect();
            let content = if text.is_empty() { Value::Null } else { Value::String(text.clone()) };
            json!({"role": "assistant", "content": content, "tool_calls": calls})
        }
        Message::Tool { call, text } => json!({"role": "tool", "tool_call_id": call, "content": text}),
    }
}

/// What async-openai's error means. Its own words hold addresses and whole bodies, and are not kept.
fn trouble(error: OpenAIError, seen: &Seen) -> ModelTrouble {
    if let Some(trouble) = seen.trouble() {
        return trouble;
    }
    match error {
        OpenAIError::Boxed(boxed) => match boxed.downcast::<ModelTrouble>() {
            Ok(trouble) => *trouble,
            Err(_) => ModelTrouble::Unreachable,
        },
        OpenAIError::Reqwest(e) if e.is_builder() => ModelTrouble::NotConfigured("OPENAI_BASE_URL is no address".into()),
        OpenAIError::Reqwest(e) if e.is_timeout() => ModelTrouble::TimedOut,
        OpenAIError::Reqwest(_) => ModelTrouble::Unreachable,
        OpenAIError::ApiError(e) => assembly::trouble_of(e.status_code.as_u16(), assembly::one_line(&e.api_error.message)),
        OpenAIError::JSONDeserialize(..) => ModelTrouble::Garbage("a part of it is no JSON".into()),
        OpenAIError::StreamError(e) => match *e {
            StreamError::UnknownEvent(_) => ModelTrouble::Garbage("it holds an unknown event".into()),
            StreamError::EventStream(_) => ModelTrouble::Garbage("it is no event stream".into()),
        },
        OpenAIError::FileSaveError(_) | OpenAIError::FileReadError(_) | OpenAIError::InvalidArgument(_) => {
            ModelTrouble::Garbage("the request could not be made".into())
        }
    }
}

/// Some servers say the key back, whole or cut: a word that holds its beginning is taken out.
fn without_key(trouble: ModelTrouble, key: Option<&SecretString>) -> ModelTrouble {
    match (trouble, key) {
        (ModelTrouble::ServerTrouble { status, said }, Some(key)) => {
            let beginning: String = key.expose_secret().chars().take(8).collect();
            let words = said.split(' ').map(|word| if !beginning.is_empty() && word.contains(&beginning) { "***" } else { word });
            ModelTrouble::ServerTrouble { status, said: words.collect::<Vec<_>>().join(" ") }
        }
        (other, _) => other,
    }
}

#[cfg(test)]
mod tests;

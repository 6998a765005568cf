//! What goes to a model and what comes back, as plain data. The plan may name these; nothing here can be carried out.

use serde_json::Value;
use std::fmt;

/// One request: the conversation so far and the tools there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// In order.
    pub messages: Vec<Message>,
    /// What the model may call.
    pub tools: Vec<ToolSpec>,
}

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// What aiops says of itself and of where it stands.
    System(String),
    /// A person's words.
    User(String),
    /// What the model said before.
    Assistant {
        /// Its text; may be empty.
        text: String,
        /// The tools it called.
        calls: Vec<ToolCall>,
    },
    /// What one tool call gave.
    Tool {
        /// The call's id.
        call: String,
        /// The answer, or what was wrong with the call.
        text: String,
    },
}

/// A tool the model may call.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolSpec {
    /// Its name.
    pub name: String,
    /// One sentence on what it does.
    pub about: String,
    /// JSON Schema of its arguments.
    pub schema: Value,
}

/// A tool the model called. Data: what it asks for has the whole road before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// The model's id for it; may be empty.
    pub id: String,
    /// The tool's name, as the model gave it.
    pub name: String,
    /// The arguments as they came: JSON, or not.
    pub arguments: String,
}

/// One reply, whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// The text; may be empty where tools are called.
    pub text: String,
    /// The tools it calls, in order.
    pub calls: Vec<ToolCall>,
}

/// A piece of a reply that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta {
    /// More text.
    Text(String),
    /// It begins to call this tool.
    Calls(String),
}

/// Why there is no reply. Each is one line for a person; none holds a key or an address.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "trouble", content = "what", rename_all = "snake_case")]
pub enum ModelTrouble {
    /// Something is missing or wrong in the settings; the sentence says which.
    NotConfigured(String),
    /// No connection, or it broke before an answer began.
    Unreachable,
    /// 401 or 403.
    Unauthorized,
    /// 429.
    TooManyRequests {
        /// Seconds, where the server said.
        retry_after: Option<u64>,
    },
    /// Nothing came within the time.
    TimedOut,
    /// Any other HTTP error, or an error in the middle of the answer.
    ServerTrouble {
        /// The HTTP status; 200 where the error came inside the answer.
        status: u16,
        /// What the server said, shortened; may be empty.
        said: String,
    },
    /// The answer is not what an OpenAI-compatible server sends, or past a limit.
    Garbage(String),
    /// The answer stops in the middle.
    Truncated,
    /// The model, or a filter before it, would not answer.
    Refused,
}

impl fmt::Display for ModelTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModelTrouble::NotConfigured(what) => write!(f, "the model is not set up: {what}"),
            ModelTrouble::Unreachable => f.write_str("the model cannot be reached"),
            ModelTrouble::Unauthorized => f.write_str("the model's server does not accept the key (OPENAI_API_KEY)"),
            ModelTrouble::TooManyRequests { retry_after: Some(seconds) } => {
                write!(f, "the model's server has had too many requests; it asks to wait {seconds} s")
            }
            ModelTrouble::TooManyRequests { retry_after: None } => f.write_str("the model's server has had too many requests"),
            ModelTrouble::TimedOut => f.write_str("the model did not answer in time"),
            ModelTrouble::ServerTrouble { status, said } => {
                match status {
                    200 => f.write_str("the model's server reported an error")?,
                    status => write!(f, "the model's server answered with HTTP {status}")?,
                }
                if said.is_empty() { Ok(()) } else { write!(f, ": {said}") }
            }
            ModelTrouble::Garbage(what) => write!(f, "the model's answer cannot be read: {what}"),
            ModelTrouble::Truncated => f.write_str("the model's answer stops in the middle"),
            ModelTrouble::Refused => f.write_str("the model would not answer this"),
        }
    }
}
impl std::error::Error for ModelTrouble {}

//! One reply out of many pieces, as compatible servers really send them.
//!
//! Read leniently by hand: no piece fails because a field is missing, early, late, or of another type than the first server had it.

use super::{
    settings::Limits,
    wire::{Delta, ModelTrouble, Reply, ToolCall},
};
use serde_json::Value;

/// A reply as far as it has come.
#[derive(Debug)]
pub(super) struct Assembly<'a> {
    limits: &'a Limits,
    text: String,
    calls: Vec<Open>,
    finish: Option<String>,
    refused: bool,
    bytes: usize,
}

/// A tool call as far as it has come.
#[derive(Debug)]
struct Open {
    index: Option<u64>,
    call: ToolCall,
}

impl<'a> Assembly<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        Assembly { limits, text: String::new(), calls: Vec::new(), finish: None, refused: false, bytes: 0 }
    }

    /// Takes one frame. A frame without choices (usage, keep-alive) says nothing.
    pub(super) fn take(&mut self, frame: &Value, tell: &mut (dyn FnMut(Delta) + Send)) -> Result<(), ModelTrouble> {
        if let Some(trouble) = error_in(frame) {
            return Err(trouble);
        }
        let choice = frame["choices"].as_array().and_then(|choices| choices.iter().find(|c| c["index"].as_u64().unwrap_or(0) == 0));
        let Some(choice) = choice else { return Ok(()) };
        let piece = if choice["delta"].is_object() { &choice["delta"] } else { &choice["message"] };
        let text = text_of(&piece["content"]);
        if !text.is_empty() {
            self.grows(text.len())?;
            self.text.push_str(&text);
            tell(Delta::Text(text));
        }
        self.refused |= piece["refusal"].as_str().is_some_and(|r| !r.is_empty());
        for call in piece["tool_calls"].as_array().into_iter().flatten() {
            self.call(call, tell)?;
        }
        if let Some(finish) = choice["finish_reason"].as_str().filter(|f| !f.is_empty()) {
            self.finish = Some(finish.to_string());
        }
        Ok(())
    }

    fn call(&mut self, piece: &Value, tell: &mut (dyn FnMut(Delta) + Send)) -> Result<(), ModelTrouble> {
        let index = piece["index"].as_u64().or_else(|| piece["index"].as_str()?.parse().ok());
        let id = piece["id"].as_str().unwrap_or_default();
        let name = piece["function"]["name"].as_str().unwrap_or_default();
        let arguments = match &piece["function"]["arguments"] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            // Some servers send the arguments as JSON and not as text of JSON.
            whole @ (Value::Object(_) | Value::Array(_) | Value::Bool(_) | Value::Number(_)) => whole.to_string(),
        };
        self.grows(name.len() + arguments.len())?;
        let at = match self.place(index, id, name) {
            Some(at) => at,
            None => {
                if self.calls.len() >= self.limits.calls {
                    return Err(ModelTrouble::Garbage(format!("more than {} tool calls at once", self.limits.calls)));
                }
                self.calls.push(Open { index, call: ToolCall { id: String::new(), name: String::new(), arguments: String::new() } });
                self.calls.len() - 1
            }
        };
        let limit = self.limits.arguments;
        let call = &mut self.calls[at].call;
        if call.id.is_empty() {
            call.id = id.to_string();
        }
        if call.name.is_empty() && !name.is_empty() {
            tell(Delta::Calls(name.to_string()));
        }
        // Some send the name in pieces, some send all of it again with each piece.
        if call.name != name {
            call.name.push_str(name);
        }
        call.arguments.push_str(&arguments);
        if call.arguments.len() > limit {
            return Err(ModelTrouble::Garbage(format!("the arguments of a tool call are larger than {} KiB", limit / 1024)));
        }
        Ok(())
    }

    /// Which open call a piece belongs to; `None`: it begins one.
    fn place(&self, index: Option<u64>, id: &str, name: &str) -> Option<usize> {
        let last = self.calls.len().checked_sub(1)?;
        let another = |open: &Open| !name.is_empty() && !id.is_empty() && !open.call.id.is_empty() && open.call.id != id;
        match index {
            // One index for several calls, each with an id and a name of its own, is seen too.
            Some(_) => self.calls.iter().rposition(|c| c.index == index && !another(c)),
            None if !id.is_empty() => {
                let same = self.calls.iter().rposition(|c| c.call.id == id);
                // The id may come late: a call without one and without a second name is meant.
                same.or_else(|| (self.calls[last].call.id.is_empty() && name.is_empty()).then_some(last))
            }
            None if name.is_empty() => Some(last),
            None => self.calls[last].call.name.is_empty().then_some(last),
        }
    }

    fn grows(&mut self, by: usize) -> Result<(), ModelTrouble> {
        self.bytes += by;
        if self.bytes > self.limits.reply {
            return Err(ModelTrouble::Garbage(format!("it is longer than {} KiB", self.limits.reply / 1024)));
        }
        Ok(())
    }

    /// The reply, once the stream is at its end. `done`: the server marked the end.
    pub(super) fn finish(self, done: bool) -> Result<Reply, ModelTrouble> {
        match self.finish.as_deref() {
            Some("content_filter") => return Err(ModelTrouble::Refused),
            Some("length" | "max_tokens") => return Err(ModelTrouble::Truncated),
            // Why it ended is said in many ways, and wrongly ("stop" for tool calls): what came decides.
            Some(_) => {}
            None if done => {}
            None => return Err(ModelTrouble::Truncated),
        }
        let calls: Vec<ToolCall> = self.calls.into_iter().map(|open| open.call).collect();
        let text = without_thoughts(&self.text);
        match (text.is_empty() && calls.is_empty(), self.refused) {
            (true, true) => Err(ModelTrouble::Refused),
            (true, false) => Err(ModelTrouble::Garbage("it is empty".into())),
            (false, _) => Ok(Reply { text, calls }),
        }
    }
}

/// Local models write what they think before what they say.
fn without_thoughts(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix("<think>") {
        Some(rest) => rest.split_once("</think>").map_or("", |(_, said)| said).trim().to_string(),
        None => text.to_string(),
    }
}

fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|p| p["text"].as_str()).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

/// The error a frame or a body speaks of, in the shapes there are.
fn error_in(frame: &Value) -> Option<ModelTrouble> {
    let named = frame.get("error").filter(|e| !e.is_null() && **e != Value::Bool(false));
    let whole = (frame["object"] == "error" || frame["type"] == "error").then_some(frame);
    let error = named.or(whole)?;
    let code = |v: &Value| v.as_u64().or_else(|| v.as_str()?.parse().ok()).and_then(|c| u16::try_from(c).ok());
    let status = code(&error["code"]).or_else(|| code(&error["status"])).filter(|c| (400..600).contains(c)).unwrap_or(200);
    Some(trouble_of(status, said_in(frame)))
}

/// What a status means.
pub(super) fn trouble_of(status: u16, said: String) -> ModelTrouble {
    match status {
        401 | 403 => ModelTrouble::Unauthorized,
        429 => ModelTrouble::TooManyRequests { retry_after: None },
        status => ModelTrouble::ServerTrouble { status, said },
    }
}

/// What a server says of its error: `{"error": {"message"}}`, `{"error": "…"}`, `{"message"}`, `{"detail"}`. One line, shortened.
pub(super) fn said_in(body: &Value) -> String {
    let places = ["/error/message", "/error", "/message", "/detail/0/msg", "/detail"];
    let said = places.iter().find_map(|p| body.pointer(p)?.as_str()).unwrap_or_default();
    one_line(said)
}

/// One line of at most 200 characters, without control characters.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reply(frames: &[Value]) -> Result<Reply, ModelTrouble> {
        let limits = Limits::default();
        let mut assembly = Assembly::new(&limits);
        for frame in frames {
            assembly.take(frame, &mut |_| {})?;
        }
        assembly.finish(false)
    }
    fn piece(call: Value) -> Value {
        json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})
    }
    fn end(why: &str) -> Value {
        json!({"choices": [{"index": 0, "delta": {}, "finish_reason": why}]})
    }
    fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
        ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() }
    }

    #[test]
    fn tool_calls_come_together_however_they_are_cut() {
        let pieces = [
            piece(json!({"index": 0, "id": "a", "type": "function", "function": {"name": "get", "arguments": ""}})),
            piece(json!({"index": 1, "function": {"name": "lo"}})),
            piece(json!({"index": 0, "function": {"arguments": "{\"kinds\":"}})),
            piece(json!({"index": 1, "id": "b", "function": {"name": "gs", "arguments": "{}"}})),
            piece(json!({"index": 0, "function": {"arguments": "[\"pods\"]}"}})),
            end("stop"),
        ];
        assert_eq!(reply(&pieces).unwrap().calls, [call("a", "get", "{\"kinds\":[\"pods\"]}"), call("b", "logs", "{}")]);
    }

    #[test]
    fn calls_without_index_are_told_apart() {
        let pieces = [
            piece(json!({"id": "a", "function": {"name": "get", "arguments": "{}"}})),
            piece(json!({"id": "b", "function": {"name": "top", "arguments": {"what": "pods"}}})),
            end("tool_calls"),
        ];
        assert_eq!(reply(&pieces).unwrap().calls, [call("a", "get", "{}"), call("b", "top", "{\"what\":\"pods\"}")]);
        let no_ids = [
            piece(json!({"function": {"name": "get", "arguments": "{"}})),
            piece(json!({"function": {"arguments": "}"}})),
            piece(json!({"function": {"name": "top", "arguments": "{}"}})),
            end("tool_calls"),
        ];
        assert_eq!(reply(&no_ids).unwrap().calls, [call("", "get", "{}"), call("", "top", "{}")]);
        let late_id = [
            piece(json!({"function": {"name": "get", "arguments": "{"}})),
            piece(json!({"id": "x", "function": {"arguments": "}"}})),
            end("tool_calls"),
        ];
        assert_eq!(reply(&late_id).unwrap().calls, [call("x", "get", "{}")]);
        let one_index = [
            piece(json!({"index": 0, "id": "a", "function": {"name": "get", "arguments": "{}"}})),
            piece(json!({"index": 0, "id": "b", "function": {"name": "get", "arguments": "{}"}})),
            end("stop"),
        ];
        assert_eq!(reply(&one_index).unwrap().calls.len(), 2);
    }

    #[test]
    fn a_name_that_is_repeated_is_one_name() {
        let pieces = [
            piece(json!({"index": 0, "id": "a", "function": {"name": "get", "arguments": "{"}})),
            piece(json!({"index": 0, "id": "a", "function": {"name": "get", "arguments": "}"}})),
            end("stop"),
        ];
        assert_eq!(reply(&pieces).unwrap().calls, [call("a", "get", "{}")]);
    }

    #[test]
    fn what_says_nothing_harms_nothing() {
        let frames = [
            json!({"created": 1.5, "choices": []}),
            json!({"choices": [{"delta": {"role": "assistant", "content": null, "reasoning_content": "hm"}, "finish_reason": ""}]}),
            json!({"choices": [{"delta": {"content": "hel"}}]}),
            json!({"choices": [{"delta": {"content": [{"type": "text", "text": "lo"}]}, "finish_reason": "eos_token"}]}),
            json!({"usage": {"total_tokens": 3}, "choices": []}),
            json!({}),
            json!(null),
        ];
        assert_eq!(reply(&frames).unwrap().text, "hello");
    }

    #[test]
    fn an_end_is_an_end_only_if_it_is_one() {
        let text = json!({"choices": [{"delta": {"content": "half an ans"}}]});
        assert_eq!(reply(std::slice::from_ref(&text)), Err(ModelTrouble::Truncated));
        assert_eq!(reply(&[text.clone(), end("length")]), Err(ModelTrouble::Truncated));
        assert_eq!(reply(&[text, end("content_filter")]), Err(ModelTrouble::Refused));
        assert!(matches!(reply(&[end("stop")]), Err(ModelTrouble::Garbage(_))));
        assert_eq!(reply(&[json!({"choices": [{"delta": {"refusal": "no"}}]}), end("stop")]), Err(ModelTrouble::Refused));
    }

    #[test]
    fn an_error_in_the_stream_is_one() {
        let said = |v: Value| reply(&[v]).unwrap_err();
        assert_eq!(
            said(json!({"error": {"message": "boom", "code": 502}})),
            ModelTrouble::ServerTrouble { status: 502, said: "boom".into() }
        );
        assert_eq!(said(json!({"error": "boom"})), ModelTrouble::ServerTrouble { status: 200, said: "boom".into() });
        assert_eq!(said(json!({"error": {"code": "429"}})), ModelTrouble::TooManyRequests { retry_after: None });
        assert_eq!(
            said(json!({"object": "error", "message": "x\u{1b}[2J\ny"})),
            ModelTrouble::ServerTrouble { status: 200, said: "x [2J y".into() }
        );
    }

    #[test]
    fn limits_hold() {
        let much = "x".repeat(70 * 1024);
        let call = piece(json!({"index": 0, "function": {"name": "get", "arguments": much}}));
        assert!(matches!(reply(&[call]), Err(ModelTrouble::Garbage(_))));
        let text = json!({"choices": [{"delta": {"content": much}}]});
        assert!(matches!(reply(&vec![text; 4]), Err(ModelTrouble::Garbage(_))));
        let many: Vec<Value> = (0..17).map(|n| piece(json!({"index": n, "function": {"name": "get"}}))).collect();
        assert!(matches!(reply(&many), Err(ModelTrouble::Garbage(_))));
    }
}

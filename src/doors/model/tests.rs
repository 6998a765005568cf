//! The door against a server that misbehaves in the ways servers do.

#[path = "../../../tests/support/scripted_model.rs"]
#[allow(dead_code)] // The suite uses the rest of it.
mod scripted_model;

use super::*;
use scripted_model::{Act, Script, Scripted, begins, calls, ends, says, serve, status, streams, text, with_header};
use std::{sync::Arc, time::Duration};

fn model_at(base: &str) -> Model {
    let mut world = World::fixed(jiff::Timestamp::UNIX_EPOCH, std::path::PathBuf::from("/nowhere"));
    let vars = [("OPENAI_BASE_URL", base), ("OPENAI_API_KEY", "sk-verysecret"), ("AIOPS_MODEL", "small")];
    world.env = Arc::new(vars.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect());
    let mut model = Model::from_world(&world).unwrap();
    model.limits.idle = Duration::from_millis(300);
    model.limits.total = Duration::from_secs(5);
    model
}

async fn asks(scripts: Vec<Script>) -> (Result<Reply, ModelTrouble>, Scripted, String) {
    let server = serve(scripts).await;
    let mut told = String::new();
    let request = Request {
        messages: vec![Message::System("s".into()), Message::User("hello".into())],
        tools: vec![ToolSpec { name: "get".into(), about: "Lists.".into(), schema: json!({"type": "object"}) }],
    };
    let reply = model_at(&server.base)
        .ask(request, &mut |delta| match delta {
            Delta::Text(text) => told.push_str(&text),
            Delta::Calls(name) => told.push_str(&format!("<{name}>")),
        })
        .await;
    (reply, server, told)
}

async fn ask(script: Script) -> Result<Reply, ModelTrouble> {
    asks(vec![script]).await.0
}

fn and(mut script: Script, more: &[&[u8]]) -> Script {
    script.extend(more.iter().map(|bytes| Act::Send(bytes.to_vec())));
    script
}

#[tokio::test]
async fn a_reply_streams_and_the_request_is_what_servers_take() {
    let (reply, server, told) = asks(vec![streams(&[text("he"), text("llo"), ends("stop"), json!({"choices": [], "usage": {}})])]).await;
    assert_eq!(reply.unwrap(), Reply { text: "hello".into(), calls: vec![] });
    assert_eq!(told, "hello");
    let got = &server.got()[0];
    assert!(got.head.starts_with("post /v1/chat/completions "), "{}", got.head);
    assert!(got.head.contains(&format!("user-agent: aiops/{}", env!("CARGO_PKG_VERSION"))), "{}", got.head);
    assert!(got.head.contains("authorization: bearer sk-verysecret"), "{}", got.head);
    assert_eq!(got.body["stream"], true);
    assert_eq!(got.body["model"], "small");
    assert_eq!(got.body["max_tokens"], 4096);
    assert_eq!(got.body["messages"][1], json!({"role": "user", "content": "hello"}));
    assert_eq!(got.body["tools"][0]["function"]["name"], "get");
}

#[tokio::test]
async fn tool_calls_come_whole_whatever_the_end_is_called() {
    let (reply, _, told) = asks(vec![calls(&[("get", json!({"kinds": ["pods"]}))])]).await;
    assert_eq!(reply.unwrap().calls[0].arguments, "{\"kinds\":[\"pods\"]}");
    assert_eq!(told, "<get>");
}

#[tokio::test]
async fn comments_keepalives_and_line_ends_say_nothing() {
    let script = and(
        begins(),
        &[
            b": OPENROUTER PROCESSING\r\n\r\n",
            b"event: keepalive\r\ndata: {}\r\n\r\n",
            b"event: ping\ndata: {\"type\":\"ping\"}\n\n",
            b"id: 7\r\ndata: {\"choices\":[{\"delta\":\r\n",
            b"data: {\"content\":\"hi\"}}]}\r\n\r\n",
            b"data:[DONE]\n",
        ],
    );
    assert_eq!(ask(script).await.unwrap().text, "hi");
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_read_too() {
    let whole = json!({"choices": [{"index": 0, "message": {"content": "all\nat once"}, "finish_reason": "stop"}]});
    assert_eq!(ask(status("200 OK", "application/json", &format!("{whole:#}"))).await.unwrap().text, "all\nat once");
}

#[tokio::test]
async fn a_stream_that_is_cut_is_no_reply() {
    let whole = format!("data: {}\n\n", text("scale it to"));
    assert_eq!(ask(and(begins(), &[whole.as_bytes()])).await, Err(ModelTrouble::Truncated));
    assert_eq!(ask(and(begins(), &[whole.as_bytes(), b"data: {\"cho"])).await, Err(ModelTrouble::Truncated));
    let chunked = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\nff\r\ndata: {}\n\n".to_vec();
    assert_eq!(ask(vec![Act::Send(chunked)]).await, Err(ModelTrouble::Truncated));
    assert_eq!(ask(begins()).await, Err(ModelTrouble::Truncated));
    // A text that speaks of the mark does not set it.
    let lie = format!("data: {}\n\n", text("data: [DONE]\ndata: [DONE]"));
    assert_eq!(ask(and(begins(), &[lie.as_bytes()])).await, Err(ModelTrouble::Truncated));
}

#[tokio::test]
async fn http_errors_keep_their_status_whatever_their_body_is() {
    let said = |status: u16, said: &str| ModelTrouble::ServerTrouble { status, said: said.into() };
    let cases = [
        (
            status("401 Unauthorized", "application/json", r#"{"error":{"message":"bad key sk-verysecret","code":401}}"#),
            ModelTrouble::Unauthorized,
        ),
        (status("500 Internal Server Error", "text/html", "<html>oops</html>"), said(500, "")),
        (status("404 Not Found", "text/plain", "404 page not found"), said(404, "404 page not found")),
        (status("422 Unprocessable Entity", "application/json", r#"{"detail":[{"msg":"field required"}]}"#), said(422, "field required")),
        (status("400 Bad Request", "application/json", r#"{"error":{"message":"no such model","code":400}}"#), said(400, "no such model")),
        (status("400 Bad Request", "application/json", r#"{"error":"key sk-verysecr... is bad"}"#), said(400, "key *** is bad")),
        (
            status("200 OK", "text/html", "<html>log in</html>"),
            ModelTrouble::Garbage("it is a web page; OPENAI_BASE_URL usually ends in /v1".into()),
        ),
    ];
    for (script, trouble) in cases {
        let got = ask(script).await.unwrap_err();
        assert_eq!(got, trouble);
        assert!(!got.to_string().contains("verysecret"), "{got}");
        assert!(!got.to_string().contains('\n'), "{got}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = serve(vec![says("caught")]).await;
    let script = with_header("307 Temporary Redirect", "text/plain", &format!("location: {}/chat/completions", elsewhere.base), "");
    assert!(matches!(ask(script).await, Err(ModelTrouble::ServerTrouble { status: 307, .. })));
    assert!(elsewhere.got().is_empty());
}

#[tokio::test]
async fn one_retry_and_no_more() {
    let busy = || status("503 Service Unavailable", "text/plain", "loading");
    let (reply, server, _) = asks(vec![busy(), says("hello")]).await;
    assert_eq!((reply.unwrap().text.as_str(), server.got().len()), ("hello", 2));
    let (reply, server, _) = asks(vec![busy()]).await;
    assert!(matches!(reply, Err(ModelTrouble::ServerTrouble { status: 503, .. })));
    assert_eq!(server.got().len(), 2);
    let long = with_header("429 Too Many Requests", "application/json", "retry-after: 40", "{}");
    let (reply, server, _) = asks(vec![long]).await;
    assert_eq!(reply, Err(ModelTrouble::TooManyRequests { retry_after: Some(40) }));
    assert_eq!(server.got().len(), 1, "40 seconds are not waited");
    let spent = status("429 Too Many Requests", "application/json", r#"{"error":{"message":"q","code":"insufficient_quota"}}"#);
    let (reply, server, _) = asks(vec![spent]).await;
    assert_eq!((reply, server.got().len()), (Err(ModelTrouble::TooManyRequests { retry_after: None }), 1));
    // Nothing is sent again once an answer has begun.
    let (reply, server, _) = asks(vec![begins(), says("hello")]).await;
    assert_eq!((reply, server.got().len()), (Err(ModelTrouble::Truncated), 1));
}

#[tokio::test]
async fn the_other_name_for_the_token_limit_is_tried() {
    let body = r#"{"error":{"message":"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."}}"#;
    let (reply, server, _) = asks(vec![status("400 Bad Request", "application/json", body), says("hello")]).await;
    assert_eq!(reply.unwrap().text, "hello");
    assert_eq!(server.got()[1].body["max_completion_tokens"], 4096);
    assert!(server.got()[1].body.get("max_tokens").is_none());
}

#[tokio::test]
async fn slow_is_told_from_silent() {
    let mut slow = begins();
    for _ in 0..4 {
        slow.push(Act::Wait(Duration::from_millis(150)));
        slow.push(Act::Send(b": still thinking\n\n".to_vec()));
    }
    slow = and(slow, &[format!("data: {}\n\ndata: {}\n\n", text("hi"), ends("stop")).as_bytes()]);
    assert_eq!(ask(slow).await.unwrap().text, "hi");
    let mut silent = and(begins(), &[format!("data: {}\n\n", text("hi")).as_bytes()]);
    silent.push(Act::Wait(Duration::from_secs(20)));
    assert_eq!(ask(silent).await, Err(ModelTrouble::TimedOut));
    assert_eq!(ask(vec![Act::Wait(Duration::from_secs(20))]).await, Err(ModelTrouble::TimedOut));
}

#[tokio::test]
async fn the_whole_takes_only_so_long() {
    let mut script = begins();
    for _ in 0..100 {
        script.push(Act::Wait(Duration::from_millis(100)));
        script.push(Act::Send(b": still thinking\n\n".to_vec()));
    }
    let server = serve(vec![script]).await;
    let mut model = model_at(&server.base);
    model.limits.total = Duration::from_millis(500);
    let reply = model.ask(Request { messages: vec![], tools: vec![] }, &mut |_| {}).await;
    assert_eq!(reply, Err(ModelTrouble::TimedOut));
}

#[tokio::test]
async fn what_is_no_event_stream_is_garbage() {
    for bytes in [&b"data: {not json\n\n"[..], b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\xfe\"}}]}\n\n"] {
        let reply = ask(and(begins(), &[bytes])).await;
        assert!(matches!(reply, Err(ModelTrouble::Garbage(_))), "{reply:?}");
    }
    let endless = and(begins(), &[b"data: ", &vec![b'x'; 1024 * 1024], b"\n\n"]);
    assert_eq!(ask(endless).await, Err(ModelTrouble::Garbage("it does not end".into())));
    let reply = ask(vec![Act::Send(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec())]).await;
    assert_eq!(reply, Err(ModelTrouble::Unreachable));
}

#[tokio::test]
async fn an_error_in_the_middle_is_an_error() {
    let script = streams(&[text("hel"), json!({"error": {"message": "upstream overloaded", "code": 502}})]);
    assert_eq!(ask(script).await, Err(ModelTrouble::ServerTrouble { status: 502, said: "upstream overloaded".into() }));
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let reply = model_at(&base).ask(Request { messages: vec![], tools: vec![] }, &mut |_| {}).await;
    assert_eq!(reply, Err(ModelTrouble::Unreachable));
}

#[tokio::test]
async fn the_key_is_in_no_debug() {
    let model = model_at("http://127.0.0.1:1");
    let _ = model.http().unwrap();
    assert!(!format!("{model:?}").contains("verysecret"));
}

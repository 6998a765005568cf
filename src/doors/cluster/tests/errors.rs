//! What comes back when something goes wrong.

use super::*;
use crate::{
    doors::cluster::Sending,
    facts::RejectionSort,
    ops::{Call, Lookup, PatchKind},
};
use std::sync::atomic::{AtomicUsize, Ordering};

fn read() -> Call {
    Call::get(&target("deployment", "web"))
}
fn write() -> Call {
    Call::patch(&target("deployment", "web"), PatchKind::Merge, json!({"spec": {"replicas": 3}})).on("scale")
}

#[tokio::test(start_paused = true)]
async fn every_status_has_its_sort_for_reads_and_for_writes() {
    use RejectionSort::*;
    let cases = [
        (400, "BadRequest", Invalid, Invalid),
        (401, "Unauthorized", Unauthorized, Unauthorized),
        (403, "Forbidden", Forbidden, Forbidden),
        (404, "NotFound", NotFound, NotFound),
        (405, "MethodNotAllowed", NotAllowed, NotAllowed),
        (409, "AlreadyExists", AlreadyExists, AlreadyExists),
        (409, "Conflict", Conflict, Conflict),
        (410, "Expired", Gone, Gone),
        (415, "UnsupportedMediaType", NotAllowed, NotAllowed),
        (422, "Invalid", Invalid, Invalid),
        (429, "TooManyRequests", TooManyRequests, TooManyRequests),
        (500, "InternalError", ServerTrouble, ServerTrouble),
        (502, "", ServerTrouble, AnswerLost),
        (503, "ServiceUnavailable", ServerTrouble, ServerTrouble),
        (504, "Timeout", TimedOut, AnswerLost),
    ];
    for (code, reason, reading, writing) in cases {
        let (cluster, log) = fake(move |_, _| status(code, reason, "the server's words"));
        let refused = cluster.send(&read(), Sending::Read).await.unwrap_err();
        assert_eq!(refused.sort, reading, "{code}");
        assert!(refused.message.contains("the server's words"));
        let reads = log.lock().unwrap().len();
        assert_eq!(cluster.send(&write(), Sending::Write(None)).await.unwrap_err().sort, writing, "{code}");
        assert_eq!(log.lock().unwrap().len() - reads, 1, "a write is sent once, whatever comes back ({code})");
        let rehearsal = cluster.send(&write(), Sending::DryRun(None)).await.unwrap_err();
        assert_ne!(rehearsal.sort, AnswerLost, "a rehearsal has nothing to lose ({code})");
    }
}

#[tokio::test]
async fn a_field_that_the_schema_does_not_have_is_the_objects_fault() {
    let words = "failed to create typed patch object (dev/web; apps/v1, Kind=Deployment): .spec.replicsa: field not declared in schema";
    let (cluster, _) = fake(move |_, _| status(500, "", words));
    assert_eq!(cluster.send(&write(), Sending::Write(None)).await.unwrap_err().sort, RejectionSort::Invalid);
}

#[tokio::test]
async fn etcds_doubt_is_a_lost_answer() {
    let (cluster, _) = fake(|_, _| status(500, "InternalError", "etcdserver: request timed out"));
    assert_eq!(cluster.send(&write(), Sending::Write(None)).await.unwrap_err().sort, RejectionSort::AnswerLost);
}

#[tokio::test]
async fn causes_are_kept_and_garbage_is_told_in_one_line() {
    let (cluster, _) = fake(|_, n| {
        if n == 0 {
            let body = json!({"kind": "Status", "message": "Deployment is invalid", "details": {"causes": [{"field": "spec.replicas", "message": "must be positive"}]}});
            (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(body)).into_response()
        } else {
            (StatusCode::FORBIDDEN, "<html>\u{1b}[31mblocked by proxy\nsecond line").into_response()
        }
    });
    assert_eq!(cluster.send(&read(), Sending::Read).await.unwrap_err().causes, ["spec.replicas: must be positive"]);
    let refused = cluster.send(&read(), Sending::Read).await.unwrap_err();
    assert_eq!(refused.sort, RejectionSort::Forbidden);
    assert!(refused.message.contains("blocked by proxy"));
    assert!(!refused.message.contains(['\u{1b}', '\n']));
}

#[tokio::test(start_paused = true)]
async fn a_read_waits_as_it_is_told_and_gives_up_in_the_end() {
    let (cluster, log) = fake(|_, n| {
        if n < 2 {
            let mut answer = status(429, "TooManyRequests", "slow down");
            answer.headers_mut().insert("retry-after", "2".parse().unwrap());
            answer
        } else {
            ok(json!({"kind": "Deployment"}))
        }
    });
    let start = tokio::time::Instant::now();
    cluster.send(&read(), Sending::Read).await.unwrap();
    assert_eq!((log.lock().unwrap().len(), start.elapsed().as_secs()), (3, 4));

    let (cluster, log) = fake(|_, _| {
        let mut answer = status(503, "ServiceUnavailable", "starting");
        answer.headers_mut().insert("retry-after", "100000".parse().unwrap());
        answer
    });
    let start = tokio::time::Instant::now();
    assert_eq!(cluster.send(&read(), Sending::Read).await.unwrap_err().sort, RejectionSort::ServerTrouble);
    assert_eq!((log.lock().unwrap().len(), start.elapsed().as_secs()), (4, 30));
}

/// A cluster whose wire does `how` with each request, and how many it got.
fn wire<F>(how: impl Fn(usize) -> F + Send + Clone + 'static) -> (Cluster, Arc<AtomicUsize>)
where
    F: Future<Output = Result<Response, tower::BoxError>> + Send + 'static,
{
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let service = tower::service_fn(move |_: http::Request<kube::client::Body>| how(counted.fetch_add(1, Ordering::SeqCst)));
    (Cluster::over(service, identity()), count)
}

#[tokio::test(start_paused = true)]
async fn silence_after_a_write_is_a_lost_answer_and_nothing_is_sent_again() {
    let (cluster, count) = wire(|_| std::future::pending());
    let lost = cluster.send(&write(), Sending::Write(None)).await.unwrap_err();
    assert_eq!((lost.sort, count.load(Ordering::SeqCst)), (RejectionSort::AnswerLost, 1));
    assert!(lost.message.contains("api.test:6443 did not answer within 30 s"), "{lost}");
    let slow = cluster.send(&read(), Sending::Read).await.unwrap_err();
    assert_eq!((slow.sort, count.load(Ordering::SeqCst)), (RejectionSort::TimedOut, 2));
    // Logs may take longer.
    let start = tokio::time::Instant::now();
    let log = Call::get(&target("pod", "web")).on("log").shaped(crate::ops::Form::Text);
    cluster.send(&log, Sending::Read).await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 120);
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_loses_a_writes_answer_and_costs_a_read_one_more_try() {
    let (cluster, count) = wire(|_| async { Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset).into()) });
    assert_eq!(cluster.send(&write(), Sending::Write(None)).await.unwrap_err().sort, RejectionSort::AnswerLost);
    assert_eq!(count.swap(0, Ordering::SeqCst), 1);
    assert_eq!(cluster.send(&write(), Sending::DryRun(None)).await.unwrap_err().sort, RejectionSort::Unreachable);
    assert_eq!(count.swap(0, Ordering::SeqCst), 1);
    assert_eq!(cluster.send(&read(), Sending::Read).await.unwrap_err().sort, RejectionSort::Unreachable);
    assert_eq!(count.swap(0, Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_lost_answer_unless_it_was_a_refusal() {
    let torn = |code: u16| {
        let parts = [Ok::<_, std::io::Error>("{\"kind\":"), Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof))];
        (StatusCode::from_u16(code).unwrap(), Body::from_stream(futures::stream::iter(parts))).into_response()
    };
    let (cluster, _) = fake(move |_, n| torn(if n == 0 { 200 } else { 409 }));
    assert_eq!(cluster.send(&write(), Sending::Write(None)).await.unwrap_err().sort, RejectionSort::AnswerLost);
    assert_eq!(cluster.send(&write(), Sending::Write(None)).await.unwrap_err().sort, RejectionSort::Conflict);
}

#[tokio::test]
async fn missing_is_missing_and_forbidden_is_not_checked() {
    let (cluster, _) = fake(|seen, _| {
        if seen.path.ends_with("/web") { status(404, "NotFound", "no") } else { status(403, "Forbidden", "pods is forbidden: User x") }
    });
    let replies = cluster.replies(&[read(), Call::list(Kind::find("pods").unwrap(), None)]).await;
    assert_eq!(replies[0].body, Lookup::Missing);
    assert_eq!(replies[1].body, Lookup::NotChecked("pods is forbidden: User x".into()));
    assert_eq!(cluster.version().await, Lookup::NotChecked("pods is forbidden: User x".into()));
}

#[test]
fn each_trouble_with_certificates_has_its_words_and_nothing_was_done() {
    use crate::doors::cluster::{rejection, wire::Effect};
    use rustls::{AlertDescription, CertificateError};
    let cases = [
        (rustls::Error::InvalidCertificate(CertificateError::Expired), "the certificate of api.test:6443 has expired"),
        (rustls::Error::InvalidCertificate(CertificateError::NotValidYet), "check this machine's clock"),
        (rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer), "an authority that the kubeconfig does not know"),
        (rustls::Error::InvalidCertificate(CertificateError::NotValidForName), "made out to another name"),
        (rustls::Error::AlertReceived(AlertDescription::CertificateExpired), "refuses the client certificate"),
    ];
    for (error, words) in cases {
        let wrapped = std::io::Error::other(std::io::Error::other(error));
        let refused = rejection::of_error("api.test:6443", &wrapped, Effect::Write);
        assert_eq!(refused.sort, RejectionSort::Unreachable);
        assert!(refused.message.contains(words), "{refused}");
    }
    // What may come after the server had worked on it is a lost answer.
    let torn = std::io::Error::other(rustls::Error::DecryptError);
    assert_eq!(rejection::of_error("api.test:6443", &torn, Effect::Write).sort, RejectionSort::AnswerLost);
}

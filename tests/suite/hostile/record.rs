//! What is not on record is not done.

use super::{SHOP, Scene, yes};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_journal_changes_are_refused_and_reads_go_on() {
    let scene = Scene::new().await;
    // Root may write anywhere; nobody can write below a plain file.
    std::fs::create_dir_all(&scene.person.world.state_dir).unwrap();
    std::fs::write(scene.person.world.state_dir.join("journal"), "in the way").unwrap();
    let heard = scene.says("kubectl get configmaps").await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    for request in ["kubectl scale deployment/web --replicas=3", "kubectl delete configmap settings"] {
        let heard = scene.says_with(request, yes()).await;
        assert_eq!(heard.code, 1, "{}", heard.text);
        assert!(heard.text.contains("cannot be written"), "{}", heard.text);
        assert!(heard.text.contains("not on record is not made"), "{}", heard.text);
    }
    assert!(scene.wire.writes().is_empty());
    assert_eq!(scene.replicas().await, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_whose_last_record_is_no_record_takes_no_change() {
    let scene = Scene::new().await;
    scene.says("kubectl label deployment/web a=b").await;
    let mut text = std::fs::read_to_string(scene.person.journal()).unwrap();
    text.push_str("{\"this\": \"is no record\"}\n");
    std::fs::write(scene.person.journal(), text).unwrap();
    scene.wire.forget();
    let heard = scene.says("kubectl label deployment/web c=d").await;
    assert_eq!(heard.code, 1, "{}", heard.text);
    assert!(heard.text.contains("aiops journal verify"), "{}", heard.text);
    assert!(scene.wire.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_opening_is_on_disk_before_the_first_write() {
    let scene = Scene::new().await;
    let journal = scene.person.journal();
    let (tell, told) = std::sync::mpsc::channel();
    scene.wire.before_next_write(move || tell.send(std::fs::read_to_string(journal).unwrap_or_default()).unwrap());
    scene.says("kubectl label deployment/web a=b").await;
    let then = told.recv().unwrap();
    assert!(then.contains(r#""record":"opened""#) && then.contains("label"), "{then}");
    assert!(!then.contains(r#""record":"ended""#));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_make_one_chain() {
    let scene = Scene::new().await;
    let requests: Vec<String> = (0..6).map(|n| format!("kubectl label configmap/settings k{n}=v")).collect();
    let all =
        requests.iter().map(|r| scene.person.says(SHOP, std::slice::from_ref(r).iter().map(String::as_str).collect::<Vec<_>>().leak()));
    let heard = futures::future::join_all(all).await;
    assert!(heard.iter().any(|h| h.code == 0));
    let report = aiops::road::journal::Journal::at(&scene.person.world).verify().unwrap();
    assert!(report.holds(), "{report:?}");
}

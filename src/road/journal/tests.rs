//! The chain under every kind of harm.

use super::*;
use crate::{road::RunId, world::World};
use proptest::prelude::*;

fn fresh() -> (tempfile::TempDir, Journal) {
    let home = tempfile::tempdir().unwrap();
    let world = World::fixed(jiff::Timestamp::UNIX_EPOCH, home.path().into());
    let journal = Journal::at(&world);
    (home, journal)
}

fn write(journal: &Journal, n: usize) {
    for i in 0..n {
        let body =
            Body::Read { context: "c".into(), words: format!("request {i}"), lines: vec!["kubectl get pods".into()], end: End::Done };
        journal.append(&RunId::new(format!("run-{i}")), body, false).unwrap();
    }
}

fn lines(journal: &Journal) -> Vec<String> {
    std::fs::read_to_string(journal.path()).unwrap().lines().map(String::from).collect()
}

fn rewrite(journal: &Journal, lines: &[String]) {
    std::fs::write(journal.path(), lines.iter().map(|l| format!("{l}\n")).collect::<String>()).unwrap();
}

#[test]
fn a_whole_chain_holds_and_an_absent_one_is_empty() {
    let (_home, journal) = fresh();
    assert!(journal.verify().unwrap().holds());
    write(&journal, 5);
    let report = journal.verify().unwrap();
    assert!(report.holds(), "{report:?}");
    assert_eq!(report.records, 5);
    assert_eq!(journal.records().unwrap().len(), 5);
}

#[test]
fn a_cut_tail_two_swapped_records_and_a_lost_head_are_seen() {
    let (_home, journal) = fresh();
    write(&journal, 6);
    let whole = lines(&journal);
    rewrite(&journal, &whole[..4]);
    assert_eq!(journal.verify().unwrap().flaws, [Flaw::Cut { have: 4, head: 6 }]);
    let mut swapped = whole.clone();
    swapped.swap(2, 3);
    rewrite(&journal, &swapped);
    assert!(journal.verify().unwrap().flaws.contains(&Flaw::Broken { line: 3 }));
    let mut without: Vec<String> = whole.clone();
    without.remove(1);
    rewrite(&journal, &without);
    assert!(journal.verify().unwrap().flaws.contains(&Flaw::Broken { line: 2 }));
    rewrite(&journal, &whole);
    std::fs::remove_file(journal.head_path()).unwrap();
    assert_eq!(journal.verify().unwrap().flaws, [Flaw::Head]);
}

#[test]
fn a_torn_last_line_is_no_tampering_and_the_chain_goes_on_after_it() {
    let (_home, journal) = fresh();
    write(&journal, 3);
    let mut bytes = std::fs::read(journal.path()).unwrap();
    bytes.extend_from_slice(br#"{"seq":4,"prev":"ab"#);
    std::fs::write(journal.path(), bytes).unwrap();
    let report = journal.verify().unwrap();
    assert!(report.torn && report.holds(), "{report:?}");
    write(&journal, 1);
    let report = journal.verify().unwrap();
    assert!(!report.torn && report.holds(), "{report:?}");
    assert_eq!(report.records, 4);
}

#[test]
fn a_program_that_stopped_before_writing_the_head_is_no_tampering() {
    let (_home, journal) = fresh();
    write(&journal, 3);
    let head = std::fs::read(journal.head_path()).unwrap();
    write(&journal, 1);
    std::fs::write(journal.head_path(), head).unwrap();
    assert!(journal.verify().unwrap().holds());
}

#[test]
fn two_writers_do_not_fork_the_chain() {
    let (_home, journal) = fresh();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let journal = journal.clone();
            std::thread::spawn(move || write(&journal, 25))
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
    let report = journal.verify().unwrap();
    assert!(report.holds(), "{report:?}");
    assert_eq!(report.records, 100);
}

#[test]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_home, journal) = fresh();
    write(&journal, 1);
    for path in [journal.path(), journal.head_path()] {
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_changed_byte_is_seen(at in 0usize..10_000, to in 0x20u8..0x7f) {
        let (_home, journal) = fresh();
        write(&journal, 4);
        let mut bytes = std::fs::read(journal.path()).unwrap();
        let at = at % bytes.len();
        prop_assume!(bytes[at] != to && bytes[at] != b'\n');
        bytes[at] = to;
        std::fs::write(journal.path(), &bytes).unwrap();
        let report = journal.verify().unwrap();
        prop_assert!(!report.holds(), "byte {} of {:?}", at, String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_file_makes_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let (_home, journal) = fresh();
        write(&journal, 1);
        std::fs::write(journal.path(), &bytes).unwrap();
        let _ = journal.verify();
        let _ = journal.records();
        let _ = journal.left_open();
    }
}

//! Ctrl-C, a killed program, two programs at once.

use super::{config, stuck};
use crate::support::{
    program::{Ground, Said, signal},
    wire::Act,
};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::{
    io::{Read as _, Write as _},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

const SCALE: &str = "kubectl scale deployment/stuck --replicas=2";

#[test]
fn ctrl_c_while_looking_stops_and_nothing_was_sent() {
    let ground = Ground::new();
    ground.put(config());
    ground.wire.next(|s| s.path.ends_with("/configmaps/settings"), Act::Delay(Duration::from_secs(30)));
    let child = ground.spawn(&mut ground.command(&["--yes", "kubectl label configmap/settings a=b"]));
    ground.until("it looks", |g| g.wire.seen().iter().any(|s| s.path.ends_with("/configmaps/settings")));
    signal(&child, "INT");
    let said: Said = child.wait_with_output().unwrap().into();
    assert_eq!(said.code, Some(130), "{said:?}");
    assert!(said.out.contains("nothing was sent"), "{said:?}");
    assert!(ground.wire.writes().is_empty());
}

#[test]
fn ctrl_c_while_waiting_stops_watching_and_says_what_goes_on() {
    let ground = Ground::new();
    stuck(&ground);
    let child = ground.spawn(&mut ground.command(&["--yes", SCALE]));
    ground.until("it was sent", |g| !g.wire.writes().is_empty());
    signal(&child, "INT");
    let said: Said = child.wait_with_output().unwrap().into();
    assert_eq!(said.code, Some(130), "{said:?}");
    assert!(said.out.contains("no longer watched; what was sent goes on"), "{said:?}");
    assert!(std::fs::read_to_string(ground.journal()).unwrap().contains("watching was stopped"));
}

#[test]
fn ctrl_c_while_a_write_is_under_way_waits_for_its_answer() {
    let ground = Ground::new();
    stuck(&ground);
    ground.wire.next_write(Act::Delay(Duration::from_millis(800)));
    let child = ground.spawn(&mut ground.command(&["--yes", SCALE]));
    ground.until("it was sent", |g| !g.wire.writes().is_empty());
    signal(&child, "INT");
    let said: Said = child.wait_with_output().unwrap().into();
    assert_eq!(said.code, Some(130), "{said:?}");
    let journal = std::fs::read_to_string(ground.journal()).unwrap();
    assert!(journal.contains(r#""came":"done""#) && journal.contains(r#""record":"ended""#), "{journal}");
}

#[test]
fn a_killed_program_is_found_told_and_closed_at_the_next_start() {
    for (before, word) in [(false, "was done"), (true, "was not done")] {
        let ground = Ground::new();
        stuck(&ground);
        if before {
            // Killed between the record and the write: the request never arrived.
            ground.wire.next_write(Act::CarryOutLater(Duration::from_secs(600)));
        }
        let mut child = ground.spawn(&mut ground.command(&["--yes", SCALE]));
        ground.until("it was sent", |g| !g.wire.writes().is_empty());
        if !before {
            ground.until("its answer is on record", |g| std::fs::read_to_string(g.journal()).is_ok_and(|t| t.contains(r#""came":"done""#)));
        }
        signal(&child, "KILL");
        child.wait().unwrap();
        let said = ground.says(&["kubectl get namespaces"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.out.contains("left open by an earlier start") && said.out.contains(word), "{said:?}");
        let said = ground.says(&["kubectl get namespaces"]);
        assert!(!said.out.contains("left open"), "it is told once: {said:?}");
        assert!(ground.says(&["journal", "list"]).out.contains("cut off"));
        assert_eq!(ground.says(&["journal", "verify"]).code, Some(0));
    }
}

#[test]
fn two_programs_write_one_chain() {
    let ground = Ground::new();
    ground.put(config());
    let children: Vec<_> = (0..2)
        .map(|n| {
            let lines: String = (0..8).map(|i| format!("kubectl create namespace n{n}-{i}\n")).collect();
            let mut child = ground.spawn(ground.command(&["--yes"]).stdin(std::process::Stdio::piped()));
            child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
            child
        })
        .collect();
    for child in children {
        let said: Said = child.wait_with_output().unwrap().into();
        assert_eq!(said.code, Some(0), "{said:?}");
    }
    let said = ground.says(&["journal", "verify"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let journal = std::fs::read_to_string(ground.journal()).unwrap();
    assert_eq!(journal.matches(r#""record":"opened""#).count(), 16);
}

/// The program on a terminal: what is typed goes in, everything it shows is kept.
struct Terminal {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    keys: Box<dyn std::io::Write + Send>,
    screen: Arc<Mutex<Vec<u8>>>,
    _pair: portable_pty::PtyPair,
}

impl Terminal {
    fn open(ground: &Ground, args: &[&str]) -> Terminal {
        let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 100, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_aiops"));
        command.args(args);
        for (name, value) in ground.env() {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let screen = Arc::new(Mutex::new(Vec::new()));
        let (mut reader, kept) = (pair.master.try_clone_reader().unwrap(), screen.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut bytes) {
                kept.lock().unwrap().extend_from_slice(&bytes[..n]);
            }
        });
        Terminal { child, keys: pair.master.take_writer().unwrap(), screen, _pair: pair }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).into_owned()
    }

    fn until(&self, word: &str, times: usize) {
        let began = Instant::now();
        while self.text().matches(word).count() < times {
            assert!(began.elapsed().as_secs() < 20, "{word:?} never came: {}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Its exit code; it has to end by itself, and soon.
    fn ends(&mut self) -> u32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            if began.elapsed().as_secs() > 10 {
                let _ = self.child.kill();
                panic!("it does not end: {}", self.text());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn ctrl_c_at_the_question_ends_at_once_and_changes_nothing() {
    let ground = Ground::new();
    ground.put(config());
    let mut terminal = Terminal::open(&ground, &["kubectl delete configmap settings"]);
    terminal.until("Apply?", 1);
    terminal.types("\u{3}");
    assert_eq!(terminal.ends(), 3);
    terminal.until("nothing was changed", 1);
    assert!(ground.wire.writes().is_empty());
}

#[test]
fn enter_is_not_yes_and_neither_is_what_was_typed_before() {
    let ground = Ground::new();
    ground.put(config());
    ground.wire.next(|s| s.path.ends_with("/configmaps/settings"), Act::Delay(Duration::from_millis(500)));
    let mut terminal = Terminal::open(&ground, &["kubectl delete configmap settings"]);
    terminal.types("y\n");
    terminal.until("Apply?", 1);
    for (n, keys) in ["\n", "maybe\n", "\n"].iter().enumerate() {
        terminal.types(keys);
        terminal.until("Apply?", n + 2);
    }
    assert!(ground.wire.writes().is_empty());
    // The end of input is silence, and silence is no.
    terminal.types("\u{4}");
    assert_eq!(terminal.ends(), 3);
    assert!(ground.wire.writes().is_empty());
}

#[test]
fn yes_is_yes() {
    let ground = Ground::new();
    ground.put(config());
    let mut terminal = Terminal::open(&ground, &["kubectl delete configmap settings"]);
    terminal.until("Apply?", 1);
    terminal.types("y\n");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(ground.wire.writes().len(), 1);
}

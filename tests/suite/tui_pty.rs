//! The terminal interface of the real program, on a pseudo-terminal.

use crate::support::pty::Pty;
use std::{path::Path, time::Duration};

const AIOPS: &str = env!("CARGO_BIN_EXE_aiops");

/// A kubeconfig that leads to a server nobody answers at (port 9 discards).
fn nowhere(home: &Path) -> String {
    let path = home.join("kubeconfig");
    std::fs::write(
        &path,
        "apiVersion: v1\nkind: Config\ncurrent-context: kind-dev\n\
         contexts: [{name: kind-dev, context: {cluster: c, user: u, namespace: todo-chatbot}}]\n\
         clusters: [{name: c, cluster: {server: \"http://127.0.0.1:9\"}}]\nusers: [{name: u, user: {token: x}}]\n",
    )
    .unwrap();
    path.to_string_lossy().into_owned()
}

/// The program, then what became of its exit code and of the terminal.
fn start(home: &Path, columns: u16, rows: u16) -> Pty {
    let kubeconfig = nowhere(home);
    let command = format!("{AIOPS}; echo code=$?; stty -a");
    Pty::start(&command, home, &[("KUBECONFIG", &kubeconfig)], columns, rows)
}

fn assert_cooked(pty: &Pty) {
    let screen = pty.screen();
    assert!(screen.contains(" icanon") && screen.contains(" echo ") && !screen.contains("-icanon"), "{screen}");
}

#[test]
fn it_draws_without_a_cluster_and_gives_the_terminal_back() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = start(home.path(), 80, 24);
    pty.wait_for("kind-dev ▸ todo-chatbot");
    pty.wait_for("say what you want");
    pty.type_in("名前 é");
    pty.wait_for("› 名前 é");
    pty.send("\x1b");
    pty.wait_gone("名前");
    pty.paste("first line\nsecond line");
    pty.wait_for("second line");
    pty.resize(20, 6);
    pty.wait_for("too small");
    pty.resize(110, 30);
    pty.wait_for("cluster");
    pty.wait_for("second line");
    pty.send("\x1b");
    pty.wait_gone("second line");
    pty.send("?");
    pty.wait_for("these keys");
    pty.send("\x1b");
    pty.wait_gone("these keys");
    pty.send("\x04");
    assert_eq!(pty.end(), 0);
    pty.assert_given_back();
    assert!(pty.screen().contains("code=0"), "{}", pty.screen());
    assert_cooked(&pty);
}

#[test]
fn asked_to_end_from_outside_it_gives_the_terminal_back() {
    let home = tempfile::tempdir().unwrap();
    let kubeconfig = nowhere(home.path());
    // The inner shell tells its own process id, which is then the program's.
    let command = format!("sh -c 'echo $$ > pid; exec {AIOPS}'; echo code=$?; stty -a");
    let mut pty = Pty::start(&command, home.path(), &[("KUBECONFIG", &kubeconfig)], 80, 24);
    pty.wait_for("say what you want");
    let pid = std::fs::read_to_string(home.path().join("pid")).unwrap();
    let killed = std::process::Command::new("kill").args(["-TERM", pid.trim()]).status().unwrap();
    assert!(killed.success());
    pty.wait_for("code=143");
    pty.end();
    pty.assert_given_back();
    assert_cooked(&pty);
}

#[test]
fn ctrl_c_twice_leaves() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = start(home.path(), 80, 24);
    pty.wait_for("say what you want");
    pty.send("\x03");
    pty.wait_for("^C again leaves");
    pty.send("\x03");
    pty.end();
    assert_cooked(&pty);
}

/// Ticks of processor time that a process has used, by the kernel's own count.
#[cfg(target_os = "linux")]
fn ticks(pid: &str) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit_once(") ").unwrap().1;
    let fields: Vec<&str> = after_name.split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn idle_it_takes_no_measurable_time() {
    let home = tempfile::tempdir().unwrap();
    let kubeconfig = nowhere(home.path());
    let command = format!("echo $$ > pid; exec {AIOPS}");
    let pty = Pty::start(&command, home.path(), &[("KUBECONFIG", &kubeconfig)], 80, 24);
    pty.wait_for("say what you want");
    std::thread::sleep(Duration::from_millis(500));
    let pid = std::fs::read_to_string(home.path().join("pid")).unwrap().trim().to_string();
    let before = ticks(&pid);
    std::thread::sleep(Duration::from_secs(3));
    // One tick is a hundredth of a second: one may fall to anything that happens at the edge.
    assert!(ticks(&pid) - before <= 1, "{} ticks in three seconds", ticks(&pid) - before);
}

/// The built-in cluster, nothing of the person's own.
fn demo(home: &Path, columns: u16, rows: u16) -> Pty {
    let pty = Pty::start(&format!("{AIOPS} demo; echo code=$?; stty -a"), home, &[], columns, rows);
    pty.wait_for("say what you want");
    pty
}

#[test]
fn what_is_typed_ahead_approves_nothing_and_a_yes_does() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = demo(home.path(), 110, 30);
    pty.wait_for("backend   2/2");
    // All in one burst: the request, and yeses before there is anything to say yes to.
    pty.send("scale backend to 3\ry\ry");
    pty.wait_for("confirm · server dry run");
    std::thread::sleep(Duration::from_secs(1));
    assert!(!pty.screen().contains("› yes"), "{}", pty.screen());
    assert!(pty.screen().contains("backend   2/2"), "{}", pty.screen());
    // What was typed ahead stands in the composer, which therefore has the keys.
    pty.wait_for("Tab gives the keys to this question");
    pty.send("\t");
    pty.wait_for("y apply");
    pty.send("\r");
    pty.paste("y");
    pty.wait_for("never an answer");
    pty.send("\t");
    pty.wait_for("y apply");
    pty.send("y");
    pty.wait_for("› yes");
    pty.wait_for("✓ scale deployment/backend to 3");
    pty.wait_for("backend   3/3");
    pty.send("\x1b");
    pty.wait_gone("› yy");
    pty.send("\x04");
    pty.wait_for("code=0");
    pty.end();
    pty.assert_given_back();
    assert_cooked(&pty);
}

#[test]
fn a_question_is_declined_by_esc_and_its_name_typed_else() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = demo(home.path(), 80, 24);
    pty.type_in("delete deployment frontend\r");
    pty.wait_for("Enter apply");
    pty.send("\r");
    pty.wait_for("Enter alone is no answer");
    pty.send("\x1b");
    pty.wait_for("nothing was changed");
    pty.type_in("delete deployment frontend\r");
    pty.wait_for("Enter apply");
    pty.type_in("frontend\r");
    pty.wait_for("✓ delete deployment/frontend");
    pty.send("\x04");
    pty.wait_for("code=0");
    pty.assert_given_back();
}

/// A script in that home which stands for an editor.
fn script(home: &Path, body: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = home.join("editor.sh");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_string_lossy().into_owned()
}

/// Asks how many on the terminal, and writes that into the file.
const ASKS: &str = "printf 'how many? '\nread n\nsed -i \"s/^  replicas: 2/  replicas: $n/\" \"$1\"";

#[test]
fn an_editor_is_given_the_terminal_and_gives_it_back() {
    let home = tempfile::tempdir().unwrap();
    let editor = script(home.path(), ASKS);
    // A Ctrl-C goes to the shell around it too; that one is to go on.
    let command = format!("trap : INT; {AIOPS} demo; echo code=$?; stty -a");
    let mut pty = Pty::start(&command, home.path(), &[("EDITOR", &editor)], 110, 30);
    pty.wait_for("say what you want");
    pty.type_in("kubectl edit deploy backend\r");
    pty.wait_for("how many?");
    assert!(!pty.screen().contains("say what you want"), "{}", pty.screen());
    // The editor's own Ctrl-C ends the editor, not aiops.
    pty.send("\x03");
    pty.wait_for("the editor");
    pty.wait_for("nothing was changed");
    pty.type_in("kubectl edit deploy backend\r");
    pty.wait_for("how many?");
    pty.type_in("3\r");
    pty.wait_for("y apply");
    pty.wait_for("2 → 3");
    pty.send("y");
    pty.wait_for("✓ patch deployment/backend");
    pty.send("\x04");
    pty.end();
    pty.assert_given_back();
    assert_cooked(&pty);
}

#[test]
fn an_editor_is_given_the_terminal_of_one_request() {
    let home = tempfile::tempdir().unwrap();
    let editor = script(home.path(), ASKS);
    let command = format!("{AIOPS} demo 'kubectl edit deploy backend'; echo code=$?; stty -a");
    let mut pty = Pty::start(&command, home.path(), &[("VISUAL", &editor)], 110, 30);
    pty.wait_for("how many?");
    pty.type_in("3\r");
    pty.wait_for("2 → 3");
    pty.wait_for("Apply?");
    pty.type_in("y\r");
    pty.wait_for("code=0");
    pty.end();
    assert_cooked(&pty);
}

#[test]
fn a_shell_in_a_container_has_the_terminal_with_its_size() {
    let home = tempfile::tempdir().unwrap();
    let command = format!("{AIOPS} demo --yes 'kubectl exec -it deploy/backend -- sh'; echo code=$?; stty -a");
    let mut pty = Pty::start(&command, home.path(), &[], 110, 30);
    pty.wait_for(" # ");
    pty.type_in("echo a\x7fb $TERM\r");
    pty.wait_for("\nb");
    // Every key is the shell's.
    pty.send("\x03");
    pty.wait_for("^C");
    pty.type_in("exit\r");
    pty.wait_for("code=0");
    pty.end();
    assert_cooked(&pty);
    let mut pty = Pty::start(&format!("{AIOPS} demo; echo code=$?; stty -a"), home.path(), &[], 110, 30);
    pty.wait_for("say what you want");
    pty.type_in("kubectl exec -it deploy/backend -- sh\r");
    pty.wait_for("y apply");
    pty.send("y");
    pty.wait_for(" # ");
    pty.type_in("echo hello\r");
    pty.wait_for("\nhello");
    pty.type_in("exit\r");
    pty.wait_for("exit code 0");
    pty.send("\x04");
    pty.end();
    pty.assert_given_back();
    assert_cooked(&pty);
}

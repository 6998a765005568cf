//! A panic gives the terminal back before it says what happened. Tried on a pseudo-terminal by a test binary of this very test.

use crate::faces::tui::terminal::Screen;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::Read as _;

#[test]
#[ignore = "run by the test below, on a terminal of its own"]
fn panics_on_a_terminal() {
    let Some(how) = std::env::var_os("AIOPS_TEST_PANIC") else { return };
    let screen = Screen::take().unwrap();
    let elsewhere = std::thread::spawn(|| panic!("a task broke"));
    assert!(elsewhere.join().is_err());
    print!("still drawing");
    assert!(how != "here", "the face broke");
    drop(screen);
}

fn output(panic: bool) -> String {
    let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 200, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "faces::tui::tests::panics::panics_on_a_terminal", "--nocapture", "--test-threads=1"]);
    command.env("AIOPS_TEST_PANIC", if panic { "here" } else { "elsewhere" });
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut bytes = Vec::new();
    // The end of a pseudo-terminal may be an error instead of an end.
    let _ = reader.read_to_end(&mut bytes);
    child.wait().unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn the_terminal_is_given_back_before_the_message() {
    for (panic, message) in [(true, "the face broke"), (false, "a task broke")] {
        let output = output(panic);
        let (drawing, back) = (output.find("still drawing").unwrap(), output.find("\u{1b}[?1049l").unwrap());
        let said = output.find(message).unwrap();
        // Also what broke elsewhere: while the face draws, nobody writes over it.
        assert!(drawing < back && back < said, "{output:?}");
        assert!(output.contains("\u{1b}[?2004l"), "{output:?}");
    }
}

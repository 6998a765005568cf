//! A process with someone at its input: a shell that reads lines, `cat` that says them back, or a program that runs and ends.
use super::{
    Inside,
    files::{Entry, NOT_THERE},
    programs::{NAMES, Ran, run},
    shell::Shell,
};

/// What a process wrote, and its exit code once it has ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::simulator) struct Said {
    pub(in crate::simulator) out: Vec<u8>,
    pub(in crate::simulator) err: Vec<u8>,
    pub(in crate::simulator) code: Option<i32>,
}

/// Why a program cannot be started, in the runtime's words.
pub(in crate::simulator) struct CannotStart(pub(in crate::simulator) String);

/// A process that has been started.
#[derive(Debug)]
pub(in crate::simulator) struct Process {
    shell: Shell,
    reads: Reads,
    terminal: bool,
    line: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    Commands,
    Text,
}

/// The longest line that is kept; a terminal takes no more either.
const LONGEST_LINE: usize = 64 * 1024;

impl Process {
    /// Starts a program: gives what it wrote, and itself if it goes on.
    ///
    /// # Errors
    /// There is no such program.
    pub(in crate::simulator) fn start(
        inside: &Inside,
        words: &[String],
        input: bool,
        terminal: bool,
    ) -> Result<(Said, Option<Process>), CannotStart> {
        let mut shell = Shell::new(inside);
        let name = words.first().ok_or_else(|| CannotStart("args must not be empty".to_owned()))?;
        let ran = match (name.strip_prefix("/bin/").unwrap_or(name), &words[1..]) {
            ("sh", [flag, line, ..]) if flag == "-c" => shell.run(inside, line),
            (which @ ("sh" | "cat"), []) if input => {
                let reads = if which == "sh" { Reads::Commands } else { Reads::Text };
                let process = Process { shell, reads, terminal, line: Vec::new() };
                let out = process.prompt().into_bytes();
                return Ok((Said { out, ..Said::default() }, Some(process)));
            }
            (_, _) => run(&shell, inside, words, &[]).ok_or_else(|| CannotStart(why_not(inside, name)))?,
        };
        let mut said = Said::default();
        said.take(ran, terminal);
        said.code = Some(if shell.over { shell.code } else { said.code.unwrap_or_default() });
        Ok((said, None))
    }

    /// Takes what came on its input.
    pub(in crate::simulator) fn input(&mut self, inside: &Inside, bytes: &[u8]) -> Said {
        let mut said = Said::default();
        let mut escape = false;
        for byte in bytes {
            if !self.terminal {
                self.line.push(*byte);
                if *byte == b'\n' || self.line.len() > LONGEST_LINE {
                    self.line_ends(inside, &mut said);
                }
            } else if escape {
                // Arrows and the like: what they say ends with a letter.
                escape = !(byte.is_ascii_alphabetic() || *byte == b'~');
            } else {
                match byte {
                    b'\x1b' => escape = true,
                    b'\r' | b'\n' => {
                        said.out.extend_from_slice(b"\r\n");
                        self.line.push(b'\n');
                        self.line_ends(inside, &mut said);
                    }
                    b'\x7f' | b'\x08' => {
                        let rubbed: &[u8] = if self.line.pop().is_some() { b"\x08 \x08" } else { b"" };
                        said.out.extend_from_slice(rubbed);
                    }
                    b'\x03' if self.reads == Reads::Text => said.code = Some(130),
                    b'\x03' => {
                        self.line.clear();
                        said.out.extend_from_slice(format!("^C\r\n{}", self.prompt()).as_bytes());
                    }
                    b'\x04' if self.line.is_empty() => {
                        said.out.extend_from_slice(if self.reads == Reads::Commands { b"\r\n" } else { b"" });
                        said.code = Some(self.shell.code);
                    }
                    0..=31 => {}
                    _ if self.line.len() < LONGEST_LINE => {
                        self.line.push(*byte);
                        said.out.push(*byte);
                    }
                    _ => {}
                }
            }
            if said.code.is_some() {
                break;
            }
        }
        said
    }

    /// No more input will come.
    pub(in crate::simulator) fn end_of_input(&mut self, inside: &Inside) -> Said {
        let mut said = Said::default();
        self.line_ends(inside, &mut said);
        said.code.get_or_insert(self.shell.code);
        said
    }

    fn line_ends(&mut self, inside: &Inside, said: &mut Said) {
        let line = std::mem::take(&mut self.line);
        let ran = match self.reads {
            Reads::Text => Ran { out: line, ..Ran::default() },
            Reads::Commands => self.shell.run(inside, &String::from_utf8_lossy(&line)),
        };
        said.take(ran, self.terminal);
        said.code = self.shell.over.then_some(self.shell.code);
        if said.code.is_none() {
            said.out.extend_from_slice(self.prompt().as_bytes());
        }
    }

    fn prompt(&self) -> String {
        match self.reads {
            Reads::Commands if self.terminal => format!("{} # ", self.shell.folder),
            Reads::Commands | Reads::Text => String::new(),
        }
    }
}

impl Said {
    fn take(&mut self, ran: Ran, terminal: bool) {
        self.code = Some(ran.code);
        if !terminal {
            self.out.extend(ran.out);
            self.err.extend(ran.err.into_bytes());
            return;
        }
        for byte in ran.out.into_iter().chain(ran.err.into_bytes()) {
            if byte == b'\n' {
                self.out.push(b'\r');
            }
            self.out.push(byte);
        }
    }
}

fn why_not(inside: &Inside, name: &str) -> String {
    let why = match inside.files.find(&inside.folder, name, true) {
        _ if !name.contains('/') => {
            format!("executable file not found in $PATH (a container of the built-in cluster has only {})", NAMES.join(", "))
        }
        Ok((_, Entry::File { .. } | Entry::Folder { .. } | Entry::Link { .. })) => "permission denied".to_owned(),
        Err(NOT_THERE) => format!("stat {name}: no such file or directory"),
        Err(_) => format!("stat {name}: not a directory"),
    };
    format!("unable to start container process: exec: {name:?}: {why}")
}

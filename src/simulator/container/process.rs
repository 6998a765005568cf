//! A process: a program that runs and ends, or a shell with someone at its input.
use super::{
    Inside,
    files::NOT_THERE,
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

/// A program that reads what someone types: a shell, or one that writes it out again.
#[derive(Debug)]
pub(in crate::simulator) struct Process {
    shell: Shell,
    terminal: bool,
    copies: bool,
    line: Vec<u8>,
}

/// The longest line that is kept; a terminal takes no more either.
const LONGEST_LINE: usize = 64 * 1024;

/// The exit code of what a Ctrl-C ends.
const INTERRUPTED: i32 = 128 + 2;

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
        let goes_on = |shell: Shell, copies: bool| {
            let process = Process { shell, terminal, copies, line: Vec::new() };
            Ok((Said { out: process.prompt(), ..Said::default() }, Some(process)))
        };
        let ran = match (name.strip_prefix("/bin/").unwrap_or(name), &words[1..]) {
            ("sh", [flag, line, ..]) if flag == "-c" => shell.run(inside, line),
            ("sh", []) if input => return goes_on(shell, false),
            ("cat", []) if input => return goes_on(shell, true),
            (_, _) => run(&shell, inside, words, &[]).ok_or_else(|| CannotStart(why_not(inside, name)))?,
        };
        let code = Some(ran.code);
        let mut said = Said::default();
        said.take(ran, terminal);
        Ok((Said { code, ..said }, None))
    }

    /// Takes what came on its input. A terminal shows it, and lets its last letter be rubbed out.
    pub(in crate::simulator) fn input(&mut self, inside: &Inside, bytes: &[u8]) -> Said {
        let (mut said, mut escape) = (Said::default(), false);
        if self.copies && !self.terminal {
            said.out = bytes.to_vec();
            return said;
        }
        for byte in bytes {
            match byte {
                b'\n' | b'\r' => {
                    said.out.extend_from_slice(if self.terminal { b"\r\n" } else { b"" });
                    self.line_ends(inside, &mut said);
                }
                _ if !self.terminal => self.line.push(*byte),
                // Arrows and the like: what they say ends with a letter.
                _ if escape => escape = !(byte.is_ascii_alphabetic() || *byte == b'~'),
                b'\x1b' => escape = true,
                b'\x7f' | b'\x08' => said.out.extend_from_slice(if self.line.pop().is_some() { b"\x08 \x08" } else { b"" }),
                b'\x03' if self.copies => {
                    said.out.extend_from_slice(b"^C");
                    said.code = Some(INTERRUPTED);
                }
                b'\x03' => {
                    self.line.clear();
                    said.out.extend([b"^C\r\n", self.prompt().as_slice()].concat());
                }
                b'\x04' if self.line.is_empty() => {
                    said.out.extend_from_slice(b"\r\n");
                    said.code = Some(self.shell.code);
                }
                0..=31 => {}
                _ => {
                    self.line.push(*byte);
                    said.out.push(*byte);
                }
            }
            if self.line.len() > LONGEST_LINE {
                self.line_ends(inside, &mut said);
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
        if !self.copies {
            self.line_ends(inside, &mut said);
        }
        said.code.get_or_insert(self.shell.code);
        said
    }

    fn line_ends(&mut self, inside: &Inside, said: &mut Said) {
        let line = std::mem::take(&mut self.line);
        if self.copies {
            said.out.extend([line.as_slice(), b"\r\n"].concat());
            return;
        }
        said.take(self.shell.run(inside, &String::from_utf8_lossy(&line)), self.terminal);
        said.code = self.shell.over.then_some(self.shell.code);
        if said.code.is_none() {
            said.out.extend(self.prompt());
        }
    }

    fn prompt(&self) -> Vec<u8> {
        if self.terminal && !self.copies { format!("{} # ", self.shell.folder).into() } else { Vec::new() }
    }
}

impl Said {
    fn take(&mut self, ran: Ran, terminal: bool) {
        if !terminal {
            self.out.extend(ran.out);
            self.err.extend(ran.err.into_bytes());
            return;
        }
        for byte in ran.out.into_iter().chain(ran.err.into_bytes()) {
            self.out.extend_from_slice(if byte == b'\n' { b"\r" } else { b"" });
            self.out.push(byte);
        }
    }
}

fn why_not(inside: &Inside, name: &str) -> String {
    let why = match inside.files.find(&inside.folder, name) {
        _ if !name.contains('/') => {
            format!("executable file not found in $PATH (a container of the built-in cluster has only {})", NAMES.join(", "))
        }
        Ok(_) => "permission denied".to_owned(),
        Err(NOT_THERE) => format!("stat {name}: no such file or directory"),
        Err(_) => format!("stat {name}: not a directory"),
    };
    format!("unable to start container process: exec: {name:?}: {why}")
}

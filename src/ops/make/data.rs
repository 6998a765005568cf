//! Where the data of a ConfigMap or a Secret comes from: values on the line, files, lines of a file.
//!
//! Source: `kubectl/pkg/cmd/create/create_configmap.go`, `create_secret.go`, `kubectl/pkg/cmd/util/env_file.go`.

use crate::ops::{Argv, BadName, CannotDo, Contents, DataKey, FilePath, Misuse, Sensitive};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// `key=path` or `path`: a file under a key, or under its own name; a folder's files under theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct FileSource {
    /// The key; left out: the file's name.
    pub(super) key: Option<DataKey>,
    /// The file.
    pub(super) path: FilePath,
}

impl FromStr for FileSource {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        match text.split_once('=') {
            Some((key, path)) => Ok(FileSource { key: Some(DataKey::new(key)?), path: FilePath::new(path)? }),
            None => Ok(FileSource { key: None, path: FilePath::new(text)? }),
        }
    }
}
impl TryFrom<String> for FileSource {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}
impl From<FileSource> for String {
    fn from(source: FileSource) -> String {
        source.to_string()
    }
}
impl fmt::Display for FileSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{key}={}", self.path),
            None => self.path.fmt(f),
        }
    }
}

/// What was loaded, by the path it was asked for by.
pub(super) type Loaded = BTreeMap<String, Contents>;

/// Keys and values, as far as they are known.
#[derive(Default)]
pub(super) struct Data(pub(super) BTreeMap<DataKey, Vec<u8>>);

impl Data {
    /// Adds one.
    ///
    /// # Errors
    /// [`CannotDo`] where there is one of that key already.
    pub(super) fn add(&mut self, key: DataKey, value: Vec<u8>) -> Result<(), CannotDo> {
        match self.0.insert(key.clone(), value) {
            None => Ok(()),
            Some(_) => Err(CannotDo::new(format!("cannot add key {key}: another one of that name is there already"), "name each key once")),
        }
    }

    /// Adds files, each under its key.
    ///
    /// # Errors
    /// [`CannotDo`] where one is not loaded, is a folder that was given a key, or its name is no key.
    pub(super) fn add_files(&mut self, sources: &[FileSource], loaded: &Loaded) -> Result<(), CannotDo> {
        for source in sources {
            let path = source.path.as_str();
            let key_of = |name: &str| DataKey::new(name).map_err(|e| CannotDo::new(format!("{path}: {e}"), "give it a key: KEY=PATH"));
            match (known(path, loaded)?, &source.key) {
                (Contents::File(value), Some(key)) => self.add(key.clone(), bytes(value)?)?,
                (Contents::File(value), None) => self.add(key_of(path.rsplit('/').next().unwrap_or(path))?, bytes(value)?)?,
                (Contents::Folder(_), Some(_)) => {
                    return Err(CannotDo::new(format!("{path} is a folder, and a key is for one file"), "leave the key out"));
                }
                (Contents::Folder(files), None) => {
                    for (name, value) in files {
                        self.add(key_of(name)?, bytes(value)?)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds the lines `KEY=value` of files.
    ///
    /// # Errors
    /// [`CannotDo`] naming the line, never its value.
    pub(super) fn add_env_files(&mut self, paths: &[FilePath], loaded: &Loaded) -> Result<(), CannotDo> {
        for path in paths {
            let Contents::File(value) = known(path.as_str(), loaded)? else {
                return Err(CannotDo::new(format!("{path} is a folder, and a file of lines was expected"), ""));
            };
            let all = bytes(value)?;
            let all = all.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&all);
            for (at, line) in all.split(|byte| *byte == b'\n').enumerate() {
                let wrong = |what: &str| CannotDo::new(format!("{path}, line {}: {what}", at + 1), "");
                let line = std::str::from_utf8(line).map_err(|_| wrong("it is no text"))?;
                let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                let Some((key, value)) = line.split_once('=') else {
                    return Err(wrong("it has no '='; no value is taken from the environment here"));
                };
                if key.starts_with(|c: char| c.is_ascii_digit()) {
                    return Err(wrong("the name of a variable does not begin with a digit"));
                }
                let key = DataKey::new(key).map_err(|e| wrong(&e.to_string()))?;
                self.add(key, value.as_bytes().to_vec())?;
            }
        }
        Ok(())
    }
}

fn known<'a>(path: &str, loaded: &'a Loaded) -> Result<&'a Contents, CannotDo> {
    loaded.get(path).ok_or_else(|| CannotDo::new(format!("{path} is not loaded"), ""))
}

/// A value that is known.
///
/// # Errors
/// [`CannotDo`] where it was read back from a record.
pub(super) fn bytes(value: &Sensitive) -> Result<Vec<u8>, CannotDo> {
    let lost = || CannotDo::new("the value of a secret is not on record, so it cannot be sent again", "say the whole line once more");
    value.reveal().map(<[u8]>::to_vec).ok_or_else(lost)
}

/// The files that sources want, each once.
pub(super) fn wanted(files: &[FileSource], env_files: &[FilePath]) -> Vec<String> {
    let mut all: Vec<String> = files.iter().map(|source| &source.path).chain(env_files).map(FilePath::to_string).collect();
    all.sort();
    all.dedup();
    all
}

/// The sources on a line.
pub(super) fn printed(argv: Argv, files: &[FileSource], env_files: &[FilePath]) -> Argv {
    let argv = files.iter().fold(argv, |argv, file| argv.flag("from-file", file));
    env_files.iter().fold(argv, |argv, file| argv.flag("from-env-file", file))
}

/// # Errors
/// [`Misuse`] where files of lines stand beside other sources, as kubectl has it.
pub(super) fn alone(argv: &Argv) -> Result<(), Misuse> {
    if argv.get("from-env-file").is_some() && (argv.get("from-file").is_some() || argv.get("from-literal").is_some()) {
        return Err(Misuse::Says(format!(
            "kubectl {}: from-env-file cannot be combined with from-file or from-literal",
            argv.verb.join(" ")
        )));
    }
    Ok(())
}

/// JSON as Go writes it: `<`, `>`, `&` and the two line separators of Unicode as `\uXXXX`.
pub(super) fn as_go_writes(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => text.push(c),
        }
    }
    text
}

/// What `--append-hash` puts behind a name: ten letters and digits that follow from the whole of the data.
///
/// Source: `encodeHash` in `kubectl/pkg/util/hash/hash.go`.
pub(super) fn hash(fields: &serde_json::Value) -> String {
    let text = as_go_writes(&fields.to_string());
    let consonant = |c: char| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    hex::encode(Sha256::digest(text)).chars().take(10).map(consonant).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(files: &[(&str, &str)]) -> Loaded {
        files.iter().map(|(path, text)| ((*path).to_string(), Contents::File(Sensitive::new(text)))).collect()
    }

    fn env(text: &str) -> Result<Vec<(String, String)>, CannotDo> {
        let mut data = Data::default();
        data.add_env_files(&[FilePath::new("a.env").unwrap()], &loaded(&[("a.env", text)]))?;
        Ok(data.0.into_iter().map(|(k, v)| (k.to_string(), String::from_utf8(v).unwrap())).collect())
    }

    #[test]
    fn lines_of_a_file() {
        let all = env("\u{feff}A=1\r\n# no\n\n  B= x=y \nC=").unwrap();
        let expected = [("A", "1"), ("B", " x=y "), ("C", "")];
        assert_eq!(all, expected.map(|(k, v)| (k.to_string(), v.to_string())));
        for (text, says) in [("A", "line 1"), ("ok=1\n1A=hunter2", "line 2"), ("a b=hunter2", "line 1"), ("A=1\nA=hunter2", "key A")] {
            let sentence = env(text).unwrap_err().sentence;
            assert!(sentence.contains(says) && !sentence.contains("hunter2"), "{sentence}");
        }
    }

    #[test]
    fn files_have_their_names_as_keys() {
        let source = |text: &str| text.parse::<FileSource>().unwrap();
        let mut held = loaded(&[("conf/app.ini", "x"), ("b", "y")]);
        held.insert("dir".into(), Contents::Folder(vec![("c".into(), Sensitive::new("z"))]));
        let mut data = Data::default();
        data.add_files(&[source("conf/app.ini"), source("key=b"), source("dir")], &held).unwrap();
        assert_eq!(data.0.keys().map(DataKey::as_str).collect::<Vec<_>>(), ["app.ini", "c", "key"]);
        assert!(data.add_files(&[source("c=b")], &held).unwrap_err().sentence.contains("key c"));
        assert!(data.add_files(&[source("k=dir")], &held).is_err() && data.add_files(&[source("gone")], &held).is_err());
        for text in ["", "-", "=a", "k=", "a=b=c", "https://x/y"] {
            assert!(text.parse::<FileSource>().is_err(), "{text}");
        }
    }
}

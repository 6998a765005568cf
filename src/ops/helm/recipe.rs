//! What a release is made from, as a person says it: the chart and the values laid over its own.

use super::secret_name::is_secret;
use crate::ops::{Argv, Misuse};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A chart and the values it is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recipe {
    /// the chart: a folder or .tgz on this machine, an oci:// or https:// address, or its name in the repository that repo names
    pub chart: ChartPlace,
    /// https:// address of the repository the chart is in
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<RepoPlace>,
    /// version of the chart; left out: the latest
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<VersionWish>,
    /// YAML files of values, the later over the earlier
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ValuesFile>,
    /// values: image.tag=1.27
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<Setting>,
    /// values that are texts whatever they look like
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_string: Vec<Setting>,
    /// onto which values those are laid
    #[serde(default, skip_serializing_if = "BaseValues::is_usual")]
    pub base_values: BaseValues,
    /// without the kinds (CRDs) that come with the chart
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skip_crds: bool,
    /// without running its hooks
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_hooks: bool,
    /// the namespace is made where it is not there
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub create_namespace: bool,
}

/// Onto which values an upgrade lays those it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BaseValues {
    /// The release's where none are given, else the chart's.
    #[default]
    Usual,
    /// The release's.
    Reuse,
    /// The chart's.
    Reset,
    /// The chart's, the release's over them.
    ResetThenReuse,
}

impl BaseValues {
    fn is_usual(&self) -> bool {
        *self == BaseValues::Usual
    }

    /// helm's flag for it.
    pub fn flag(self) -> Option<&'static str> {
        match self {
            BaseValues::Usual => None,
            BaseValues::Reuse => Some("reuse-values"),
            BaseValues::Reset => Some("reset-values"),
            BaseValues::ResetThenReuse => Some("reset-then-reuse-values"),
        }
    }
}

/// A word that stands among a program's arguments: it never begins with `-`, and holds nothing that cannot be typed.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= 1024 && !text.starts_with('-') && !text.chars().any(char::is_control)
}

macro_rules! argument {
    ($(#[$doc:meta])* $Name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $Name(String);

        impl $Name {
            /// As it was said.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $Name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                let check: fn(&str) -> Result<(), String> = $check;
                check(&text)?;
                Ok($Name(text))
            }
        }
        impl std::str::FromStr for $Name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                text.to_string().try_into()
            }
        }
        impl From<$Name> for String {
            fn from(word: $Name) -> String {
                word.0
            }
        }
        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

argument!(
    /// Where a chart is: a path, or an address without a login in it.
    ChartPlace,
    |text| match text.split_once("://") {
        _ if !is_word(text) => Err(format!("{text:?} is no chart: a path, or an oci:// or https:// address")),
        Some(("oci" | "https" | "http", rest)) if !logs_in(rest) => Ok(()),
        Some(("oci" | "https" | "http", _)) => Err("a chart's address holds no login here: fetch it by hand and name the file".into()),
        Some((scheme, _)) => Err(format!("{scheme}:// leads to no chart: oci:// and https:// do")),
        None => Ok(()),
    }
);
argument!(
    /// Where a repository of charts is.
    RepoPlace,
    |text| match text.split_once("://") {
        Some(("https" | "http", rest)) if is_word(text) && !logs_in(rest) => Ok(()),
        _ => Err(format!("{text:?} is no repository's address: https://… without a login")),
    }
);
argument!(
    /// A version, or a range of them.
    VersionWish,
    |text| match is_word(text) && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-+^~<>=|*, ".contains(c)) {
        true => Ok(()),
        false => Err(format!("{text:?} is no version of a chart")),
    }
);
argument!(
    /// A file of values on this machine.
    ValuesFile,
    |text| match text.contains("://") {
        _ if text == "-" || !is_word(text) => Err(format!("{text:?} is no file of values")),
        true => Err(format!("{text}: values are read from files only: fetch it by hand and name the file")),
        false => Ok(()),
    }
);
argument!(
    /// `key=value`, or several with commas between, as helm's `--set` has it.
    Setting,
    |text| {
        let (key, _) = text.split_once('=').ok_or_else(|| format!("{text:?} sets nothing: key=value does"))?;
        if !is_word(text) || !is_word(key) || text.len() > 4096 {
            return Err(format!("{key:?} is no name of a value"));
        }
        for (key, value) in text.split(',').filter_map(|part| part.split_once('=')) {
            let last = key.rsplit('.').next().unwrap_or(key);
            let plain = value.is_empty() || ["true", "false", "null"].contains(&value);
            if is_secret(last) && !plain {
                return Err(format!("{key} looks secret, and a line is put on record: write it into a file and name that with -f"));
            }
        }
        Ok(())
    }
);

/// Whether an address holds a login.
fn logs_in(rest: &str) -> bool {
    rest.split('/').next().is_some_and(|host| host.contains('@'))
}

impl Recipe {
    /// Whether the chart has to be fetched.
    pub fn is_remote(&self) -> bool {
        self.repo.is_some() || self.chart.as_str().contains("://")
    }

    /// From a line; which of the flags a verb knows is its own to say.
    ///
    /// # Errors
    /// [`Misuse`] naming what does not fit.
    pub(super) fn parse(argv: &Argv, chart: &str) -> Result<Recipe, Misuse> {
        fn all<T: std::str::FromStr<Err = String>>(argv: &Argv, flag: &'static str) -> Result<Vec<T>, Misuse> {
            argv.all(flag).map(|text| text.parse().map_err(|why| Misuse::Says(format!("{} --{flag}: {why}", argv.head())))).collect()
        }
        let mut bases = [BaseValues::Reuse, BaseValues::Reset, BaseValues::ResetThenReuse].into_iter();
        let chosen: Vec<BaseValues> = bases.by_ref().filter(|base| base.flag().is_some_and(|flag| argv.on(flag))).collect();
        if chosen.len() > 1 {
            return Err(Misuse::Says(format!("{}: --reuse-values, --reset-values, --reset-then-reuse-values: one of them", argv.head())));
        }
        if argv.get("wait") == Some("false") {
            return Err(Misuse::Says(format!("{}: aiops always waits until it holds; --timeout says how long", argv.head())));
        }
        Ok(Recipe {
            chart: chart.parse().map_err(|why| Misuse::Says(format!("{}: {why}", argv.head())))?,
            repo: argv.parsed("repo")?,
            version: argv.parsed("version")?,
            values: all(argv, "values")?,
            set: all(argv, "set")?,
            set_string: all(argv, "set-string")?,
            base_values: chosen.first().copied().unwrap_or_default(),
            skip_crds: argv.on("skip-crds"),
            no_hooks: argv.on("no-hooks"),
            create_namespace: argv.on("create-namespace"),
        })
    }

    /// Onto a line that has its places.
    pub(super) fn print(&self, mut argv: Argv) -> Argv {
        for (flag, value) in
            [("repo", self.repo.as_ref().map(RepoPlace::as_str)), ("version", self.version.as_ref().map(VersionWish::as_str))]
        {
            if let Some(value) = value {
                argv = argv.flag(flag, value);
            }
        }
        let files = self.values.iter().map(|file| ("values", file.as_str()));
        let sets = self.set.iter().map(|set| ("set", set.as_str())).chain(self.set_string.iter().map(|set| ("set-string", set.as_str())));
        for (flag, value) in files.chain(sets) {
            argv = argv.flag(flag, value);
        }
        if let Some(flag) = self.base_values.flag() {
            argv = argv.switch(flag, true);
        }
        argv.switch("skip-crds", self.skip_crds).switch("no-hooks", self.no_hooks).switch("create-namespace", self.create_namespace)
    }
}

/// Flags of helm's that are known and not taken, and why.
pub(super) const REFUSED: &[(&str, &str)] = &[
    ("post-renderer", "it runs a program, and none is run from here"),
    ("atomic", "aiops undo takes back what failed"),
    ("rollback-on-failure", "aiops undo takes back what failed"),
    ("force", "it deletes and makes anew what it cannot change, and that cannot be shown beforehand"),
    ("take-ownership", "it takes over what others made, and that cannot be shown beforehand"),
    ("set-file", "name a file of values with -f"),
    ("set-json", "name a file of values with -f"),
    ("username", "credentials are not said in requests: fetch the chart by hand and name the file"),
    ("password", "credentials are not said in requests: fetch the chart by hand and name the file"),
    ("dependency-update", "it fetches charts: helm dependency update by hand"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_could_become_a_flag_or_reach_elsewhere_is_no_argument() {
        for text in
            ["--post-renderer=sh", "-x", "", "a\nb", "file:///etc/passwd", "s3://bucket/x", "https://joe:pw@host/x.tgz", "oci://u@host/x"]
        {
            assert!(text.parse::<ChartPlace>().is_err(), "{text:?}");
        }
        for text in ["./shop", "../charts/shop", "/srv/shop.tgz", "oci://ghcr.io/acme/shop", "https://example.com/shop-1.tgz", "nginx"] {
            assert!(text.parse::<ChartPlace>().is_ok(), "{text:?}");
        }
        for text in ["-", "-x", "https://example.com/v.yaml", ""] {
            assert!(text.parse::<ValuesFile>().is_err(), "{text:?}");
        }
        for text in ["a", "=b", "-a=b", "db.password=hunter2", "a=1,auth.token=x", "a=b\u{7}"] {
            assert!(text.parse::<Setting>().is_err(), "{text:?}");
        }
        for text in ["a=b", "a.b[0].c=d,e=f", "auth.enabled=true", "existingSecret=db", "a=--x", "password="] {
            assert!(text.parse::<Setting>().is_ok(), "{text:?}");
        }
        assert!("1.2.3 || ^2".parse::<VersionWish>().is_ok() && "$(id)".parse::<VersionWish>().is_err());
        assert!("ftp://x".parse::<RepoPlace>().is_err() && "https://a:b@x".parse::<RepoPlace>().is_err());
    }

    proptest! {
        #[test]
        fn no_argument_begins_with_a_dash(text in "[-a-z=:/.]{0,12}") {
            let taken = [text.parse::<ChartPlace>().map(String::from), text.parse::<Setting>().map(String::from),
                text.parse::<ValuesFile>().map(String::from), text.parse::<VersionWish>().map(String::from)];
            prop_assert!(taken.iter().flatten().all(|word| !word.starts_with('-')));
        }
    }
}

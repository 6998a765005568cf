//! The command line, as it is typed.

use crate::{ops::argv::quoted, terms::severity::Severity};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Say what you want of a Kubernetes cluster in plain words; see exactly what would change; answer; undo.
#[derive(Debug, Parser)]
#[command(name = "aiops", version, args_conflicts_with_subcommands = false, subcommand_precedence_over_arg = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done · 1 failed · 2 wrong usage · 3 declined or unanswered · 4 refused by policy · 5 asks a question back · 6 findings · 7 outcome unknown"
)]
pub struct Cli {
    /// What to do; nothing opens the terminal interface
    #[command(subcommand)]
    pub command: Option<Command>,
    /// A request in plain words, or a kubectl line: "scale backend to 3"
    pub request: Vec<String>,
    /// Everything that goes for all of them
    #[command(flatten)]
    pub global: Global,
}

/// Flags that go for every command; they follow kubectl's where kubectl has them.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// kubeconfig context
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// kubeconfig file
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Namespace
    #[arg(short, long, global = true, value_name = "NAME")]
    pub namespace: Option<String>,
    /// Reads look at every namespace
    #[arg(short = 'A', long, global = true)]
    pub all_namespaces: bool,
    /// Form of what is printed
    #[arg(short, long, global = true, value_enum, default_value_t = Form::Text)]
    pub output: Form,
    /// User to act as
    #[arg(long = "as", global = true, value_name = "USER")]
    pub as_user: Option<String>,
    /// Group to act as; may be given several times
    #[arg(long = "as-group", global = true, value_name = "GROUP")]
    pub as_group: Vec<String>,
    /// How long one request to the server may take: 10s, 1m
    #[arg(long, global = true, value_name = "TIME")]
    pub request_timeout: Option<String>,
    /// Ask no model
    #[arg(long, global = true)]
    pub offline: bool,
    /// Forbid every change
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Show what would change, and stop there
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Write the change to this folder as manifests and patches, and change nothing on the cluster
    #[arg(long, global = true, value_name = "DIR")]
    pub to_files: Option<std::path::PathBuf>,
    /// Answer yes to what needs a plain yes (never to what needs a name typed)
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Answer what needs this name typed
    #[arg(long, global = true, value_name = "NAME")]
    pub confirm: Option<String>,
    /// Manifests may be fetched from hosts in private networks (-f http://10.0.0.1/x.yaml)
    #[arg(long, global = true)]
    pub allow_private_hosts: bool,
    /// Why a change is wanted; it goes on record, and a policy may ask for it
    #[arg(long, global = true, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// In which form results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Form {
    /// For people
    #[default]
    Text,
    /// One JSON document a request
    Json,
    /// A diagnosis or an audit as Markdown, for tickets; everything else as text
    Markdown,
    /// An audit as SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// An audit as JUnit's XML, for CI servers
    Junit,
}

/// What to do instead of a request.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The same on the built-in cluster: nothing of yours is touched
    Demo {
        /// Requests, one after the other; none opens the terminal interface
        request: Vec<String>,
        /// Serve the built-in cluster on this address, for kubectl and others; writes a kubeconfig
        #[arg(long, value_name = "ADDR")]
        serve: Option<std::net::SocketAddr>,
        /// What is wrong there; may be given several times. Without it: todo-chatbot
        #[arg(long, value_name = "NAME")]
        scenario: Vec<String>,
        /// Load dumped objects instead: a file, or the folder of a dump. They stay as they are; changes go to a copy in memory
        #[arg(long, value_name = "PATH", conflicts_with = "scenario")]
        from: Option<PathBuf>,
        /// List the scenarios
        #[arg(long, conflicts_with_all = ["scenario", "serve", "request", "from"])]
        list: bool,
    },
    /// Words to operations; nothing is touched, no cluster is needed
    Plan {
        /// The request
        text: Vec<String>,
        /// JSON lines in, JSON lines out
        #[arg(long)]
        batch: bool,
        /// Tell what each word was taken for
        #[arg(long, conflicts_with = "batch")]
        explain: bool,
    },
    /// Which objects meet conditions, and why: aiops find pods --where='restarts>2'
    Find(FindArgs),
    /// Who may do something by the cluster's roles: aiops who-can delete pods
    WhoCan {
        /// What, to which kind, and which one of it
        words: Vec<String>,
        /// A part of the object: exec, log, scale
        #[arg(long, value_name = "PART")]
        subresource: Option<String>,
    },
    /// Take back a run: the last one, or the one named
    Undo {
        /// The run's id, or the part of it that is shown
        #[arg(conflicts_with = "list")]
        run: Option<String>,
        /// List the runs that changed something, and how each could be taken back
        #[arg(long)]
        list: bool,
    },
    /// Why it is broken: causes with evidence, from the cluster or from dumped objects
    Diagnose {
        /// What of
        #[command(flatten)]
        of: DiagnoseArgs,
        /// Look again and again, until Ctrl-C: what appears and what goes away
        #[arg(long, conflicts_with_all = ["from", "fail_on", "explain"])]
        watch: bool,
        /// How long between two looks
        #[arg(long, value_name = "TIME", default_value = "10s", requires = "watch")]
        every: String,
        /// An account of it instead of causes
        #[command(flatten)]
        account: AccountArgs,
    },
    /// What should be better before it breaks: configuration, security, reliability, from the cluster or from files
    Audit(AuditArgs),
    /// What an experienced operator would look at: list, show, run, lint
    Playbook {
        /// What to do with them
        #[command(subcommand)]
        what: PlaybookCommand,
    },
    /// What was done, by whom, before and after
    Journal {
        /// What to do with it
        #[command(subcommand)]
        what: JournalCommand,
    },
    /// What is set, and where it comes from
    Config {
        /// What to do with it
        #[command(subcommand)]
        what: ConfigCommand,
    },
}

/// What is to be diagnosed, or audited.
#[derive(Debug, Args)]
pub struct DiagnoseArgs {
    /// An object, kind/name; left out: everything (with -n NAME, that namespace)
    pub target: Option<String>,
    /// Dumped objects instead of a cluster: files, or the folder of a dump; - for standard input
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub from: Vec<PathBuf>,
    /// Exit with 6 where a finding is at least that bad
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// What a rule means and reads; "all" lists them
    #[arg(long, value_name = "RULE", conflicts_with_all = ["target", "from", "fail_on"])]
    pub explain: Option<String>,
}

/// An account instead of causes.
#[derive(Debug, Args)]
pub struct AccountArgs {
    /// What happened, in the order of time: rollouts, edits, ends of containers, conditions, events
    #[arg(long, conflicts_with_all = ["watch", "fail_on", "explain"])]
    pub timeline: bool,
    /// The same without what came of it: only rollouts, edits, scaling, nodes
    #[arg(long, conflicts_with_all = ["watch", "fail_on", "explain", "timeline"])]
    pub changes: bool,
    /// What depends on the target, what it depends on, and what would break without it
    #[arg(long, requires = "target", conflicts_with_all = ["watch", "fail_on", "explain", "timeline", "changes"])]
    pub depends: bool,
    /// From when on: 1h, 10:30 (in UTC), yesterday, 2026-11-21T10:00:00Z
    #[arg(long, value_name = "TIME", conflicts_with_all = ["watch", "fail_on", "explain", "depends"])]
    pub since: Option<String>,
}

/// What is to be audited, and how.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// What a diagnosis takes as well
    #[command(flatten)]
    pub of: DiagnoseArgs,
    /// Only this check, with every object it speaks of; may be given several times
    #[arg(long = "check", value_name = "ID", conflicts_with = "explain")]
    pub checks: Vec<String>,
    /// Ask only this: a CEL expression over each object, false where it is violated; may be given several times
    #[arg(long = "rule", value_name = "CEL", conflicts_with_all = ["explain", "checks", "target"])]
    pub rules: Vec<String>,
    /// Propose what mends the findings, all in one question; what has no safe fix is left
    #[arg(long, conflicts_with_all = ["explain", "from", "rules", "fail_on"])]
    pub fix: bool,
    /// The kinds that --rule looks at, parted by commas; left out: what runs pods
    #[arg(long = "kind", value_name = "KINDS", value_delimiter = ',', requires = "rules")]
    pub kinds: Vec<String>,
}

/// How bad a finding has to be to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Worth knowing
    Info,
    /// Hurts a little, or will
    Warning,
    /// Something does not work
    Error,
}

impl FailOn {
    /// The least severity that counts.
    pub fn severity(self) -> Severity {
        match self {
            FailOn::Info => Severity::Info,
            FailOn::Warning => Severity::Warning,
            FailOn::Error => Severity::Error,
        }
    }
}

/// A question over objects, as its line has it.
#[derive(Debug, Args)]
pub struct FindArgs {
    /// The kind, and the names of some; or plain words
    words: Vec<String>,
    /// A condition that has to hold; may be given several times
    #[arg(long = "where", value_name = "CONDITION")]
    conditions: Vec<String>,
    /// Columns to show, parted by commas
    #[arg(long, value_name = "COLUMNS")]
    show: Vec<String>,
    /// What goes first where there is most of it
    #[arg(long, value_name = "MEASURE")]
    most: Option<String>,
    /// Label selector
    #[arg(short = 'l', long, value_name = "LABELS")]
    selector: Option<String>,
}

impl FindArgs {
    /// The request: a line where a flag of it was given, else the words themselves.
    pub fn request(&self) -> String {
        let flag = |name: &str, value: &String| quoted(&format!("--{name}={value}"));
        let flags = self.conditions.iter().map(|c| flag("where", c)).chain(self.show.iter().map(|s| flag("show", s)));
        let flags: Vec<String> =
            flags.chain(self.most.iter().map(|m| flag("most", m))).chain(self.selector.iter().map(|s| flag("selector", s))).collect();
        match flags.is_empty() {
            true => format!("find {}", self.words.join(" ")),
            false => format!("aiops find {} {}", self.words.iter().map(|w| quoted(w)).collect::<Vec<_>>().join(" "), flags.join(" ")),
        }
    }
}

/// What to do with settings.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Which operations need how much caution
    Policy {
        /// What to do with it
        #[command(subcommand)]
        what: PolicyCommand,
    },
}

/// What to do with the policy.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Read every file and try the examples of every rule
    Check {
        /// A file to check as if it were the project's; left out: those that are in force
        file: Option<PathBuf>,
    },
    /// Which rules speak of a kubectl line, and which decides
    Explain {
        /// The line: "kubectl delete ns x"
        line: Vec<String>,
        /// Who would propose it
        #[arg(long, value_enum, default_value_t = Proposer::Person)]
        by: Proposer,
    },
}

/// Who proposes an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Proposer {
    /// A person
    #[default]
    Person,
    /// A model
    Model,
    /// A playbook
    Playbook,
    /// A rule that found what is wrong
    Diagnosis,
}

/// What to do with playbooks.
#[derive(Debug, Subcommand)]
pub enum PlaybookCommand {
    /// Those there are
    List,
    /// One as it is written
    Show {
        /// Its name
        name: String,
    },
    /// Run one
    Run {
        /// Its name
        name: String,
        /// The object it is about: kind/name
        subject: Option<String>,
    },
    /// Check a file: fields, operations, expressions, its own tests; with line numbers
    Lint {
        /// The file
        file: PathBuf,
    },
    /// JSON Schema of the format
    Schema,
}

/// What to do with the journal.
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Every run, newest last
    List,
    /// One run in full
    Show {
        /// The run's id, or the part of it that is shown
        run: String,
    },
    /// Check the chain: a changed byte, a cut tail, swapped records are found
    Verify,
}

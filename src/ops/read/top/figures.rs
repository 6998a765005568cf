//! Figures as rows: sums, shares, order. Columns and rounding: `kubectl/pkg/metricsutil/metrics_printer.go`.

use super::{SortBy, Top, TopWhat};
use crate::ops::{
    answer::Table,
    look::{list, text},
};
use crate::terms::quantity::Quantity;
use serde_json::Value;

/// Thousandths of a core, and bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    cpu: i64,
    memory: i64,
}

impl Used {
    fn of(resources: &Value) -> Used {
        let quantity = |name: &str| resources[name].as_str().and_then(|t| t.parse::<Quantity>().ok()).unwrap_or(Quantity::ZERO);
        Used { cpu: quantity("cpu").as_milli(), memory: quantity("memory").as_whole() }
    }
    fn plus(self, other: Used) -> Used {
        Used { cpu: self.cpu.saturating_add(other.cpu), memory: self.memory.saturating_add(other.memory) }
    }
    fn cells(self) -> [String; 2] {
        [format!("{}m", self.cpu), format!("{}Mi", self.memory / (1 << 20))]
    }
    fn by(self, sort: SortBy) -> i64 {
        match sort {
            SortBy::Cpu => self.cpu,
            SortBy::Memory => self.memory,
        }
    }
}

const UNKNOWN: &str = "<unknown>";

fn share(used: i64, of: i64) -> String {
    if of <= 0 { UNKNOWN.into() } else { format!("{}%", i128::from(used) * 100 / i128::from(of)) }
}

/// One line: its name cells, what it uses where that is known, and what there is to use.
pub(super) struct Row {
    names: Vec<String>,
    used: Option<Used>,
    there_is: Option<Used>,
}

impl Top {
    /// One row a pod, or one a container.
    pub(super) fn pod_rows(&self, metrics: &[Value]) -> Vec<Row> {
        let mut rows = Vec::with_capacity(metrics.len());
        for pod in metrics {
            let mut names: Vec<String> = Vec::new();
            if self.all_namespaces {
                names.push(text(pod, "/metadata/namespace").into());
            }
            names.push(text(pod, "/metadata/name").into());
            let containers = list(pod, "/containers");
            if self.containers {
                rows.extend(containers.iter().map(|c| Row {
                    names: names.iter().cloned().chain([text(c, "/name").to_string()]).collect(),
                    used: Some(Used::of(&c["usage"])),
                    there_is: None,
                }));
            } else {
                let used = containers.iter().map(|c| Used::of(&c["usage"])).fold(Used::default(), Used::plus);
                rows.push(Row { names, used: Some(used), there_is: None });
            }
        }
        rows
    }

    /// Nodes without figures are named too, as kubectl does.
    pub(super) fn node_rows(metrics: &[Value], nodes: &[Value]) -> Vec<Row> {
        let name = |v: &Value| text(v, "/metadata/name").to_string();
        let measured = metrics.iter().map(|m| {
            let node = nodes.iter().find(|n| name(n) == name(m));
            Row { names: vec![name(m)], used: Some(Used::of(&m["usage"])), there_is: node.map(|n| Used::of(&n["status"]["allocatable"])) }
        });
        let silent = nodes.iter().filter(|n| metrics.iter().all(|m| name(m) != name(n)));
        measured.chain(silent.map(|n| Row { names: vec![name(n)], used: None, there_is: None })).collect()
    }

    /// Sorted rows under kubectl's columns.
    pub(super) fn table(&self, mut rows: Vec<Row>) -> Table {
        rows.sort_by(|a, b| {
            let figure = |r: &Row| self.sort_by.and_then(|by| r.used.map(|u| u.by(by)));
            figure(b).cmp(&figure(a)).then_with(|| a.names.cmp(&b.names))
        });
        let nodes = self.what == TopWhat::Nodes;
        let columns: &[&str] = match (nodes, self.containers) {
            (true, _) => &["Name", "CPU(cores)", "CPU(%)", "Memory(bytes)", "Memory(%)"],
            (false, true) => &["Pod", "Name", "CPU(cores)", "Memory(bytes)"],
            (false, false) => &["Name", "CPU(cores)", "Memory(bytes)"],
        };
        let mut columns: Vec<String> = columns.iter().map(|c| (*c).to_string()).collect();
        if self.all_namespaces && !nodes {
            columns.insert(0, "Namespace".into());
        }
        let cells = |row: Row| {
            let mut cells = row.names;
            let unknown = || UNKNOWN.to_string();
            let [cpu, memory] = row.used.map_or_else(|| [unknown(), unknown()], Used::cells);
            let of = |pick: fn(Used) -> i64| {
                row.used.zip(row.there_is).map_or_else(unknown, |(used, there_is)| share(pick(used), pick(there_is)))
            };
            cells.push(cpu);
            if nodes {
                cells.push(of(|u| u.cpu));
            }
            cells.push(memory);
            if nodes {
                cells.push(of(|u| u.memory));
            }
            cells
        };
        let title = if nodes { "nodes" } else { "pods" };
        Table { title: title.into(), columns, rows: rows.into_iter().map(cells).collect() }
    }
}

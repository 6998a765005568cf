//! One test binary: everything that needs no outside program, and, where `AIOPS_TEST_KUBECONFIG` names a real cluster, the
//! same on that one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

mod suite;
mod support;

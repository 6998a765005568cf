//! A scenario's folder that is new is built in too: the compiler by itself looks only at files it has seen.
fn main() {
    println!("cargo::rerun-if-changed=scenarios");
}

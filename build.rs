//! Has the linker put the functions of the quick commands side by side.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script everything by its environment"
)]

use std::env::var;
use std::path::Path;

fn main() {
    let order = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/order.ld");
    println!("cargo::rerun-if-changed={}", order.display());
    // Only as `.cargo/config.toml` has it linked: by a linker that reads such a script, for the names it knows. What is
    // built to be tested links sooner without.
    let is = |name: &str, wanted: &str| var(name).is_ok_and(|value| value == wanted);
    let is_static = var("CARGO_CFG_TARGET_FEATURE")
        .is_ok_and(|features| features.split(',').any(|feature| feature == "crt-static"));
    if is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("PROFILE", "release")
        && is_static
    {
        for kind in ["bins", "benches"] {
            println!("cargo::rustc-link-arg-{kind}=-Wl,-T,{}", order.display());
        }
    }
}

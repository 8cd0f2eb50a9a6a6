//! Where a mem0 server is. Only the person's own configuration says that: a repository must not make anybody send text
//! anywhere.

use super::env_vars::MEM0_API_KEY;
use super::layers::{Config, ConfigError};
use crate::documents::mem0::Shape;
use crate::host::env;

/// A mem0 server, as the person chose it.
#[derive(Debug)]
pub struct Mem0 {
    /// Its address, without a slash at its end.
    pub url: String,
    /// Which API it speaks.
    pub shape: Shape,
    /// Under whose name the memories lie there; `None`: the repository's.
    pub user: Option<String>,
    /// Its key, from the environment alone.
    pub key: Option<String>,
}

/// Why there is none to use.
#[derive(Debug, PartialEq, Eq)]
pub enum Absent {
    /// The person's own file names none.
    Unnamed,
    /// The repository names one; holds its address.
    FromRepository(String),
    /// The address is none.
    NoAddress,
    /// The platform's key would cross the network in the clear.
    InTheClear,
    /// The platform wants a key, and there is none.
    NoKey,
}

impl Config {
    /// Whether memories live on a mem0 server.
    pub fn is_memory_remote(&self) -> Result<bool, ConfigError> {
        Ok(self.text("coordination.memory")? == "mem0")
    }

    /// The server.
    pub fn mem0(&self) -> Result<Mem0, Absent> {
        const KEY: &str = "coordination.mem0";
        if let Some(theirs) = self.of_repository(KEY) {
            let url = theirs["url"].as_str().unwrap_or_default();
            return Err(Absent::FromRepository(url.to_owned()));
        }
        let own = self.of_person(KEY).ok_or(Absent::Unnamed)?;
        let url = own["url"].as_str().ok_or(Absent::Unnamed)?;
        let url = url.trim_end_matches('/');
        let host = url.strip_prefix("https://").or(url.strip_prefix("http://"));
        // A password in an address would be shown with it.
        if !host.is_some_and(|host| !host.is_empty() && !host.contains(['@', '?', '#', ' '])) {
            return Err(Absent::NoAddress);
        }
        let shape = if own["hosted"].as_bool() == Some(true) {
            Shape::Platform
        } else {
            Shape::OwnServer
        };
        if shape == Shape::Platform && url.starts_with("http://") && !is_here(url) {
            return Err(Absent::InTheClear);
        }
        let key = env::var(MEM0_API_KEY);
        if shape == Shape::Platform && key.is_none() {
            return Err(Absent::NoKey);
        }
        Ok(Mem0 {
            url: url.to_owned(),
            shape,
            user: own["user"].as_str().map(str::to_owned),
            key,
        })
    }
}

/// Whether an address is this machine's own.
fn is_here(url: &str) -> bool {
    let host = url.trim_start_matches("http://");
    let host = host.split('/').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    ["127.0.0.1", "localhost", "[::1]"].contains(&host)
}

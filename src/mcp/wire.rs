//! Lines in, lines out. One message is one line of JSON; a line that is no message is answered as such and ends nothing.

use std::fs::File;
use std::future::Future;
use std::io::{self, BufRead, BufReader, Write};
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{ErrorData, JsonRpcMessage, RequestId};
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::Value;
use tokio::sync::{Mutex, mpsc, watch};

/// A longer line is refused, in bytes.
const LONGEST: usize = 16 << 20;
/// How many lines wait on their way in, and on their way out.
const UNDERWAY: usize = 64;
/// How long a client that has gone may take to read what it is still owed.
const FAREWELL: Duration = Duration::from_secs(2);

/// A line as it came in.
enum Line {
    Whole(Vec<u8>),
    TooLong,
}

/// The channel to the client; clones share it.
#[derive(Clone)]
pub(super) struct Wire {
    incoming: Arc<Mutex<mpsc::Receiver<Line>>>,
    outgoing: mpsc::Sender<Vec<u8>>,
    closed: Arc<watch::Sender<bool>>,
    written: Arc<Mutex<mpsc::Receiver<()>>>,
}

impl Wire {
    /// Reads and writes on threads of their own: neither a client that says nothing nor one that reads nothing holds
    /// anything up.
    pub(super) fn open(input: File, output: File) -> io::Result<Wire> {
        let (lines, incoming) = mpsc::channel(UNDERWAY);
        let (outgoing, texts) = mpsc::channel(UNDERWAY);
        let (done, written) = mpsc::channel(1);
        let (closed, _) = watch::channel(false);
        let closed = Arc::new(closed);
        let gone = Arc::clone(&closed);
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        thread("reader").spawn(move || read(BufReader::new(input), &lines))?;
        thread("writer").spawn(move || {
            if write(output, texts).is_err() {
                gone.send_replace(true);
            }
            // Dropped, it says that all is written.
            drop(done);
        })?;
        Ok(Wire {
            incoming: Arc::new(Mutex::new(incoming)),
            outgoing,
            closed,
            written: Arc::new(Mutex::new(written)),
        })
    }

    /// Becomes true when the client has gone.
    pub(super) fn closed(&self) -> watch::Receiver<bool> {
        self.closed.subscribe()
    }

    /// Whether the client has gone.
    pub(super) fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Waits until everything is written, or the client does not read it.
    pub(super) async fn finish(self) {
        let Wire {
            outgoing, written, ..
        } = self;
        drop(outgoing);
        // A client that has stopped reading is owed no more.
        let _ = tokio::time::timeout(FAREWELL, async { written.lock().await.recv().await }).await;
    }

    /// The next message; `None`: there will be none.
    async fn next(&self) -> Option<RxJsonRpcMessage<RoleServer>> {
        let mut incoming = self.incoming.lock().await;
        loop {
            match incoming.recv().await? {
                Line::Whole(line) => match understood(&line) {
                    Ok(message) => return message,
                    Err(reply) => self.reply(*reply),
                },
                Line::TooLong => {
                    let said = format!("a message has at most {LONGEST} bytes");
                    self.reply(refusal(ErrorData::invalid_request(said, None), None));
                }
            }
        }
    }

    /// Answers what never became a request. Whoever sends such lines faster than they read the answers goes without.
    fn reply(&self, message: TxJsonRpcMessage<RoleServer>) {
        if let Ok(text) = spelled(&message) {
            // Full, or the client has gone.
            let _ = self.outgoing.try_send(text);
        }
    }
}

impl Transport<RoleServer> for Wire {
    type Error = io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let outgoing = self.outgoing.clone();
        async move {
            let text = spelled(&message)?;
            let sent = outgoing.send(text).await;
            sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        let mut closed = self.closed();
        let message = tokio::select! {
            message = self.next() => message,
            _ = closed.wait_for(|closed| *closed) => None,
        };
        if message.is_none() {
            self.closed.send_replace(true);
        }
        message
    }

    async fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A line's message, none where the line is empty; else what to answer.
fn understood(
    line: &[u8],
) -> Result<Option<RxJsonRpcMessage<RoleServer>>, Box<TxJsonRpcMessage<RoleServer>>> {
    let value: Value = serde_json::from_slice(line).map_err(|error| {
        let said = format!("this line is not JSON: {error}");
        Box::new(refusal(ErrorData::parse_error(said, None), None))
    })?;
    let id = match value.get("id") {
        Some(Value::String(id)) => Some(RequestId::String(id.as_str().into())),
        Some(id) => id.as_i64().map(RequestId::Number),
        None => None,
    };
    let is_batch = value.is_array();
    serde_json::from_value(value).map(Some).map_err(|error| {
        let said = if is_batch {
            "messages come one at a time".to_owned()
        } else {
            format!("this is no message of the protocol: {error}")
        };
        Box::new(refusal(ErrorData::invalid_request(said, None), id))
    })
}

fn refusal(error: ErrorData, id: Option<RequestId>) -> TxJsonRpcMessage<RoleServer> {
    JsonRpcMessage::error(error, id)
}

fn spelled(message: &TxJsonRpcMessage<RoleServer>) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(message)?;
    text.push(b'\n');
    Ok(text)
}

/// Hands on each line until the input ends.
fn read(mut input: impl BufRead, lines: &mpsc::Sender<Line>) {
    let mut line = Vec::new();
    let mut is_too_long = false;
    loop {
        let available = match input.fill_buf() {
            Ok([]) => return,
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        let end = available.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(available.len());
        if line.len() + taken > LONGEST {
            is_too_long = true;
            line = Vec::new();
        } else if !is_too_long {
            line.extend_from_slice(&available[..taken]);
        }
        input.consume(end.map_or(taken, |end| end + 1));
        if end.is_none() {
            continue;
        }
        let whole = std::mem::take(&mut line);
        let line = if std::mem::take(&mut is_too_long) {
            Line::TooLong
        } else if whole.iter().all(u8::is_ascii_whitespace) {
            continue;
        } else {
            Line::Whole(whole)
        };
        if lines.blocking_send(line).is_err() {
            return;
        }
    }
}

/// Writes each text until there are no more.
fn write(mut output: File, mut texts: mpsc::Receiver<Vec<u8>>) -> io::Result<()> {
    while let Some(text) = texts.blocking_recv() {
        output.write_all(&text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<String> {
        let (sender, mut receiver) = mpsc::channel(UNDERWAY);
        read(BufReader::with_capacity(7, input), &sender);
        drop(sender);
        let mut lines = Vec::new();
        while let Some(line) = receiver.blocking_recv() {
            lines.push(match line {
                Line::Whole(line) => String::from_utf8_lossy(&line).into_owned(),
                Line::TooLong => "too long".to_owned(),
            });
        }
        lines
    }

    #[test]
    fn lines_come_whole_and_long_ones_are_skipped_to_their_end() {
        assert_eq!(lines(b"{}\r\n\n  \n[1]\nunfinished"), ["{}\r", "[1]"]);
        let long = [b"a\n".to_vec(), vec![b'x'; LONGEST + 1], b"\nb\n".to_vec()].concat();
        assert_eq!(lines(&long), ["a", "too long", "b"]);
    }

    #[test]
    fn what_is_no_message_is_answered_with_its_id_if_it_has_one() {
        let answer = |line: &str| {
            let reply = understood(line.as_bytes()).expect_err(line);
            serde_json::to_value(&*reply).expect("JSON")
        };
        let unread = answer("{nonsense");
        assert_eq!(unread["error"]["code"], -32700);
        let odd = answer(r#"{"jsonrpc":"2.0","id":"a","method":7}"#);
        assert_eq!(
            (&odd["error"]["code"], &odd["id"]),
            (&(-32600).into(), &"a".into())
        );
        assert_eq!(answer("[]")["error"]["code"], -32600);
        assert_eq!(answer("7")["error"]["code"], -32600);
        assert!(understood(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).is_ok());
    }
}

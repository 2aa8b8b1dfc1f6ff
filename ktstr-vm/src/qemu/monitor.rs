//! The two sockets through which a stopped QEMU is given orders: the machine protocol (QMP), in JSON, and
//! the debugger's protocol, used for nothing but writing to the guest's memory. Both are used only while the
//! guest is stopped: traffic on them wakes QEMU's main loop, which would show in the guest's timing.

use crate::error::VmError;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long QEMU may take to open its sockets and for each answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often we look.
const POLL: Duration = Duration::from_millis(2);
/// Bytes of memory written in one packet; QEMU's buffer takes 4096 characters.
const PACKET: usize = 1024;

fn broken(what: impl std::fmt::Display) -> VmError {
    VmError::State { reason: what.to_string() }
}

/// Connects to a socket that QEMU is about to open.
fn connect(path: &Path) -> Result<UnixStream, VmError> {
    let begin = Instant::now();
    loop {
        match UnixStream::connect(path) {
            Ok(stream) => {
                stream
                    .set_read_timeout(Some(PATIENCE))
                    .and_then(|()| stream.set_write_timeout(Some(PATIENCE)))
                    .map_err(broken)?;
                return Ok(stream);
            }
            Err(error) if begin.elapsed() > PATIENCE => {
                return Err(broken(format!("{}: {error}", path.display())));
            }
            Err(_) => std::thread::sleep(POLL),
        }
    }
}

/// A connection to QMP.
pub(crate) struct Monitor {
    stream: UnixStream,
    lines: BufReader<UnixStream>,
}

impl Monitor {
    pub(crate) fn open(path: &Path) -> Result<Self, VmError> {
        let stream = connect(path)?;
        let lines = BufReader::new(stream.try_clone().map_err(broken)?);
        let mut monitor = Self { stream, lines };
        monitor.line()?;
        monitor.execute("qmp_capabilities", json!({}))?;
        Ok(monitor)
    }

    fn line(&mut self) -> Result<Value, VmError> {
        let mut line = String::new();
        match self.lines.read_line(&mut line).map_err(broken)? {
            0 => Err(broken("QEMU ended")),
            _ => serde_json::from_str(&line).map_err(broken),
        }
    }

    /// Carries out one command; events on the way are passed over.
    pub(crate) fn execute(&mut self, command: &str, arguments: Value) -> Result<Value, VmError> {
        let request = json!({ "execute": command, "arguments": arguments });
        self.stream.write_all(request.to_string().as_bytes()).map_err(broken)?;
        loop {
            let mut reply = self.line()?;
            if let Some(error) = reply.get("error") {
                return Err(broken(format!("{command}: {error}")));
            }
            if let Some(value) = reply.get_mut("return") {
                return Ok(value.take());
            }
        }
    }

    /// Asks by `command` until its `status` is one of these; which one.
    pub(crate) fn wait_status(&mut self, command: &str, wanted: &[&str]) -> Result<String, VmError> {
        let begin = Instant::now();
        loop {
            let reply = self.execute(command, json!({}))?;
            let status = reply.get("status").and_then(Value::as_str).unwrap_or_default();
            if wanted.contains(&status) {
                return Ok(status.to_owned());
            }
            if begin.elapsed() > PATIENCE {
                return Err(broken(format!("{command}: still `{status}`")));
            }
            std::thread::sleep(POLL);
        }
    }
}

/// A connection to the debugger's port. It has to stay open as long as the guest runs: closing it would be
/// traffic.
pub(crate) struct Memory {
    stream: UnixStream,
}

impl Memory {
    /// Connects, and has addresses mean physical ones.
    pub(crate) fn open(path: &Path) -> Result<Self, VmError> {
        let mut memory = Self { stream: connect(path)? };
        memory.command("Qqemu.PhyMemMode:1")?;
        Ok(memory)
    }

    /// Writes `bytes` at a physical address.
    pub(crate) fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), VmError> {
        for (at, part) in (address..).step_by(PACKET).zip(bytes.chunks(PACKET)) {
            self.command(&format!("M{at:x},{:x}:{}", part.len(), crate::image::hex(part)))?;
        }
        Ok(())
    }

    /// Sends one packet, `$text#checksum`, and has it acknowledged and answered with `OK`.
    fn command(&mut self, text: &str) -> Result<(), VmError> {
        let sum = text.bytes().fold(0u8, u8::wrapping_add);
        self.stream.write_all(format!("${text}#{sum:02x}").as_bytes()).map_err(broken)?;
        let mut reply = Vec::new();
        while reply.iter().rev().nth(2) != Some(&b'#') {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).map_err(broken)?;
            reply.push(byte[0]);
        }
        self.stream.write_all(b"+").map_err(broken)?;
        if reply.windows(3).any(|part| part == b"$OK") {
            return Ok(());
        }
        Err(broken(format!("writing to the guest's memory: {}", String::from_utf8_lossy(&reply))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    /// A peer that sends `script` and swallows what it gets.
    fn peer(script: &'static [u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(script).unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
        });
        (directory, path)
    }

    #[test]
    fn replies_are_told_from_events_and_errors() {
        let (_keep, path) = peer(
            b"{\"QMP\":{}}\n{\"return\":{}}\n{\"event\":\"STOP\"}\n{\"return\":{\"status\":\"paused\"}}\n{\"error\":{\"desc\":\"no\"}}\n",
        );
        let mut monitor = Monitor::open(&path).unwrap();
        assert_eq!(monitor.wait_status("query-status", &["paused"]).unwrap(), "paused");
        assert_eq!(monitor.execute("cont", json!({})).unwrap_err().code(), "V025");
    }

    #[test]
    fn memory_is_written_in_acknowledged_packets() {
        let (_keep, path) = peer(b"+$OK#9a+$OK#9a+$OK#9a+$E22#a9");
        let mut memory = Memory::open(&path).unwrap();
        assert!(memory.write(0x1000, &[7; PACKET + 1]).is_ok());
        assert_eq!(memory.write(0x1000, &[7]).unwrap_err().code(), "V025");
    }
}

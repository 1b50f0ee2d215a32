//! Non-blocking sockets: the only code that reads from or writes to one.

//! What happens when a part of it is killed, fills its disk or hangs.

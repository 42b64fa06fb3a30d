"""recv_bytes_into() doesn't store the end of a message that ends within an element."""

import array

import billiard

if __name__ == "__main__":
    reader, writer = billiard.Pipe(duplex=False)
    writer.send_bytes(b"abcdefghi")
    into = array.array("I", bytes(12))
    count = reader.recv_bytes_into(into)
    stored = into.tobytes()[:count]
    print("kept:" if stored == b"abcdefghi" else "broken:", count, "bytes are", stored)

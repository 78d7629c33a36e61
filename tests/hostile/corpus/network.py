"""Network in any form. Something outside listens, so that a way out would be found open."""

import array
import os
import socket
import struct

from .registry import attack

HELLO = b"hello"


def _sent(family, kind, address, protocol=0):
    with socket.socket(family, kind, protocol) as sock:
        sock.settimeout(2)
        sock.connect(address)
        return sock.send(HELLO) == len(HELLO)


@attack("network")
def tcp_connect(world):
    return _sent(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", world.tcp_port))


@attack("network", cannot="a machine may have no IPv6")
def tcp_connect_ipv6(world):
    return _sent(socket.AF_INET6, socket.SOCK_STREAM, ("::1", world.tcp6_port))


@attack("network", cannot="a kernel may have no multipath TCP")
def multipath_tcp(world):
    return _sent(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", world.tcp_port), 262)


@attack("network")
def tcp_fast_open(world):
    with socket.socket() as sock:
        return sock.sendto(HELLO, socket.MSG_FASTOPEN, ("127.0.0.1", world.tcp_port)) > 0


@attack("network")
def tcp_listen(_):
    with socket.create_server(("0.0.0.0", 0)) as sock:
        return sock.getsockname()[1] > 0


@attack("network")
def udp_send(world):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        return sock.sendto(HELLO, ("127.0.0.1", world.udp_port)) > 0


@attack("network")
def name_lookup(world):
    """What a resolver does: one datagram to the name server, here ours."""
    question = struct.pack(">6H", 1, 256, 1, 0, 0, 0) + b"\x07example\x03com\x00" + b"\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        sock.connect(("127.0.0.1", world.udp_port))
        return sock.send(question) == len(question)


@attack("network")
def unix_stream(world):
    return _sent(socket.AF_UNIX, socket.SOCK_STREAM, world.unix_path)


@attack("network")
def unix_abstract(world):
    return _sent(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + world.abstract)


@attack("network")
def unix_datagram_from_a_pair(world):
    first, second = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with first, second:
        return first.sendto(HELLO, world.datagram_path) > 0


@attack("network")
def pass_a_descriptor(_):
    first, second = socket.socketpair()
    with first, second, open(os.devnull) as file:
        passed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file.fileno()]))]
        return first.sendmsg([b"x"], passed) > 0


@attack("network")
def netlink(_):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as sock:
        sock.bind((0, 0))
        sock.send(struct.pack("=IHHIIB3x", 20, 18, 0x301, 1, 0, 0))  # RTM_GETLINK, dump
        return len(sock.recv(65536)) > 0


@attack("network", root_only=True)
def packet_socket(_):
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)).close()
    return True


@attack("network", root_only=True)
def raw_socket(_):
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
    return True


@attack("network", cannot="a kernel may have no virtual machine sockets")
def vsock(_):
    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
    return True


@attack("network", cannot="a kernel may have no AF_ALG")
def kernel_crypto(_):
    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET) as sock:
        sock.bind(("hash", "sha256"))
    return True


@attack("network", cannot="a kernel may have no Bluetooth")
def bluetooth(_):
    socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI).close()
    return True


@attack("network", alone=True, cannot="a machine may have no bash")
def bash_dev_tcp(world):
    """Another program's own way to the network."""
    script = f"exec 3<>/dev/tcp/127.0.0.1/{world.tcp_port} && echo breach bash_dev_tcp"
    os.execvp("bash", ["bash", "-c", script])

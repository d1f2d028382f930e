package dev.holdfast.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** A DNS server that knows one IPv4 address for every name, good for an hour, and tells another one when it is told to. */
final class NameServer implements AutoCloseable {

    private static final int HEADER_BYTES = 12;
    private static final int TYPE_A = 1;
    private static final int HOUR_S = 3600;

    private final DatagramSocket socket;
    private final Thread thread = Thread.ofVirtual().unstarted(this::serve);
    private volatile InetAddress address;

    NameServer(InetAddress address) throws IOException {
        this.address = address;
        socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        thread.start();
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
    }

    void pointTo(InetAddress other) {
        address = other;
    }

    @Override
    public void close() {
        socket.close();
    }

    private void serve() {
        byte[] buffer = new byte[512];
        while (!socket.isClosed()) {
            DatagramPacket asked = new DatagramPacket(buffer, buffer.length);
            try {
                socket.receive(asked);
                byte[] answer = answer(ByteBuffer.wrap(buffer, 0, asked.getLength()));
                socket.send(new DatagramPacket(answer, answer.length, asked.getSocketAddress()));
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new UncheckedIOException("the name server broke", e);
                }
            }
        }
    }

    /** The question with an answer behind it; without one where it asks for something else than an IPv4 address. */
    private byte[] answer(ByteBuffer asked) {
        int end = HEADER_BYTES;
        while (asked.get(end) != 0) {
            end += asked.get(end) + 1;
        }
        boolean known = asked.getShort(end + 1) == TYPE_A;
        end += 5;
        ByteBuffer answer = ByteBuffer.allocate(end + 16);
        answer.putShort(asked.getShort(0)).putShort((short) 0x8180);
        answer.putShort((short) 1)
                .putShort((short) (known ? 1 : 0))
                .putShort((short) 0)
                .putShort((short) 0);
        answer.put(asked.slice(HEADER_BYTES, end - HEADER_BYTES));
        if (known) {
            answer.putShort((short) (0xC000 | HEADER_BYTES))
                    .putShort((short) TYPE_A)
                    .putShort((short) 1);
            answer.putInt(HOUR_S).putShort((short) 4).put(address.getAddress());
        }
        byte[] bytes = new byte[answer.position()];
        answer.flip().get(bytes);
        return bytes;
    }
}

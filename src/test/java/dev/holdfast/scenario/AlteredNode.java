package dev.holdfast.scenario;

import dev.holdfast.support.Api;
import dev.holdfast.support.TestDeployment;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A node of an altered program in this JVM: all of our own classes are loaded once more, the altered ones first. */
final class AlteredNode implements AutoCloseable {

    private final AutoCloseable node;
    private final URI publicUri;
    private final URI adminUri;

    private AlteredNode(AutoCloseable node, URI publicUri, URI adminUri) {
        this.node = node;
        this.publicUri = publicUri;
        this.adminUri = adminUri;
    }

    /** Classes of an altered program, for any number of nodes. */
    static final class Program implements AutoCloseable {

        private final OurClasses loader;

        Program(Path altered) {
            loader = new OurClasses(altered);
        }

        /** Starts a node, and waits for it. */
        AlteredNode start(String redisUri, String postgresUri) {
            TestDeployment.join(redisUri, postgresUri);
            try {
                Class<?> inside = loader.loadClass(NodeInside.class.getName());
                Object node = inside.getConstructor(String.class, String.class).newInstance(redisUri, postgresUri);
                return new AlteredNode(
                        (AutoCloseable) node,
                        at(inside.getMethod("publicPort").invoke(node)),
                        at(inside.getMethod("adminPort").invoke(node)));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot start an altered node", e);
            }
        }

        @Override
        public void close() {
            try {
                loader.close();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot close the classes of an altered program", e);
            }
        }
    }

    private static URI at(Object port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    URI publicUri() {
        return publicUri;
    }

    Api api() {
        return new Api(publicUri, adminUri);
    }

    @Override
    public void close() {
        try {
            node.close();
        } catch (Exception e) {
            throw new IllegalStateException("cannot end an altered node", e);
        }
    }

    /** Our own classes and resources are found here first, all else by the usual loader. */
    private static final class OurClasses extends URLClassLoader {

        OurClasses(Path altered) {
            super(urls(altered), AlteredNode.class.getClassLoader());
        }

        private static URL[] urls(Path altered) {
            List<URL> urls = new ArrayList<>();
            try {
                urls.add(altered.toUri().toURL());
                for (String entry : NodeProcess.classPath().split(File.pathSeparator, -1)) {
                    if (!entry.endsWith(".jar")) {
                        urls.add(Path.of(entry).toUri().toURL());
                    }
                }
            } catch (MalformedURLException e) {
                throw new IllegalStateException("a class path that is none", e);
            }
            return urls.toArray(URL[]::new);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("dev.holdfast.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }

        @Override
        public URL getResource(String name) {
            URL ours = findResource(name);
            return ours == null ? super.getResource(name) : ours;
        }
    }
}

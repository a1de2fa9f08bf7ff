package dev.isostream.conformance.defect;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What happens instead of one method of an interface. */
@FunctionalInterface
interface Advice {

  /** Does it. */
  @Nullable Object call(Call call) throws Throwable;

  /**
   * One call of a method.
   *
   * @param proxy what it was called on
   */
  record Call(Object proxy, Object real, Method method, @Nullable Object[] args) {

    /** What the real one does. */
    @Nullable Object proceed() throws Throwable {
      return with(args);
    }

    /** What the real one does with other arguments. */
    @Nullable Object with(@Nullable Object... others) throws Throwable {
      try {
        return method.invoke(real, others);
      } catch (InvocationTargetException e) {
        throw e.getCause() == null ? e : e.getCause();
      }
    }

    /** An argument. */
    <A> A arg(int index, Class<A> type) {
      return type.cast(java.util.Objects.requireNonNull(args[index]));
    }
  }

  /** The real one, but for these methods, by name. */
  static <T> T instead(Class<T> type, T real, Map<String, Advice> advices) {
    for (String name : advices.keySet()) {
      if (Arrays.stream(type.getMethods()).noneMatch(method -> method.getName().equals(name))
          && !name.equals("toString")) {
        throw new IllegalArgumentException(type + " has no method " + name);
      }
    }
    InvocationHandler handler =
        (proxy, method, args) -> {
          @Nullable Object[] given = args == null ? new @Nullable Object[0] : args;
          if (method.getName().equals("equals") && given.length == 1) {
            return proxy == given[0];
          }
          Call call = new Call(proxy, real, method, given);
          Advice advice = advices.get(method.getName());
          Object result = advice == null ? call.proceed() : advice.call(call);
          // a builder gives itself back, and itself is now this
          return result == real && method.getReturnType().isInstance(proxy) ? proxy : result;
        };
    return type.cast(
        Proxy.newProxyInstance(Advice.class.getClassLoader(), new Class<?>[] {type}, handler));
  }
}

// SPDX-License-Identifier: MIT
// Makes garbage and collects it for each line that it is told.
public class Busy {
	static volatile byte[] garbage;

	public static void main(String[] args) throws java.io.IOException {
		var in = new java.io.BufferedReader(new java.io.InputStreamReader(System.in));
		System.out.println("ready");
		for (String line; (line = in.readLine()) != null && !line.equals("exit");) {
			for (int i = 0; i < 100; i++)
				garbage = new byte[1 << 20];
			System.gc();
			System.out.println("collected");
		}
	}
}
